/** "Did you mean", as the words of scripts have it. */
export { didYouMean, nearestWord } from '../base/index.js';
