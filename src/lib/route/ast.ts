/**
 * The syntax tree. The grammar, in full (EBNF; `a | b` either, `[a]` perhaps, `{a}` any number of times):
 *
 *     script       = { parameter | loadmodule | modparam | route | ";" }
 *     routes       = { parameter | loadmodule | modparam | route | statement }     bare statements are the main route
 *     parameter    = NAME "=" rest of the line
 *     loadmodule   = "loadmodule" STRING
 *     modparam     = "modparam" "(" STRING "," STRING "," ( STRING | [ "+" | "-" ] NUMBER ) ")"
 *     route        = ROUTE_KIND [ "[" ( NAME | NUMBER | STRING ) [ "," NUMBER ] "]" ] block
 *     ROUTE_KIND   = "route" | "onreply_route" | "failure_route" | "branch_route" | "local_route" | "error_route"
 *                  | "startup_route" | "timer_route" | "event_route"
 *     block        = "{" { statement } "}"
 *     statement    = block | ";" | if | while | for | switch | "break" ";" | return ";"
 *                  | ( "exit" | "drop" ) [ "(" ")" ] ";" | assignment ";" | call ";"
 *     return       = "return" [ value | "(" [ condition { "," condition } ] ")" ]
 *     if           = "if" condition statement [ "else" statement ]
 *     while        = "while" condition statement
 *     for          = "for" "(" VARIABLE "in" VARIABLE ")" statement
 *     switch       = "switch" "(" condition ")" "{" { ( "case" constant | "default" ) ":" { statement } } "}"
 *     assignment   = VARIABLE ( "=" | ":=" | "+=" | "-=" | "*=" | "/=" | "%=" | "&=" | "|=" | "^=" ) condition
 *     call         = NAME "(" [ argument { "," argument } ] ")"          an argument may be left empty
 *     condition    = negation { ( "&&" | "||" | "and" | "or" ) negation }
 *     negation     = ( "!" | "not" ) negation | comparison
 *     comparison   = value [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~" ) value ]
 *     value        = term { ( "&" | "|" | "^" | "<<" | ">>" ) term }
 *     term         = unary { ( "+" | "-" | "*" | "/" | "%" ) unary }
 *     unary        = ( "-" | "+" | "~" ) unary | primary
 *     primary      = NUMBER | STRING | ADDRESS | VARIABLE | "null" | call | "(" condition ")" | "[" condition "]"
 *
 * As in OpenSIPS, `&&` and `||` have equal precedence and are left-associative, and so are `+ - * / %`; the checker warns if
 * that differs from what most languages do.
 */
import type { Place, Source } from './source.js';

export interface VariableReference {
  kind: 'variable';
  place: Place;
  /** Without the dollar sign. */
  name: string;
  /** The context the variable is read from; '' for the current message. */
  context: '' | '<request>' | '<reply>';
  /** The text in parentheses; null if there were none. */
  argument: string | null;
  /** The argument if it is a variable itself. */
  inner: VariableReference | null;
  /** `[1]`, `[$var(i)]`, `*` for all, or `append` for a new one at the end. */
  index: number | VariableReference | '*' | 'append' | null;
  /** In the order in which they are applied. */
  transformations: readonly TransformationCall[];
  /** Leftover text, which has no meaning. */
  rest: string;
}

/** `{s.substr,0,$var(n)}` after a variable. */
export interface TransformationCall {
  place: Place;
  name: string;
  /** Blanks are significant: one may be a separator. */
  arguments: readonly TransformationArgument[];
  /** Everything after the first comma, as written. */
  plain: string;
}

export interface TransformationArgument {
  place: Place;
  parts: readonly TextPart[];
}

export type TextPart = string | VariableReference;

/** A string; adjacent characters are one part, so that a constant has at most one part. */
export interface TextLiteral {
  kind: 'text';
  place: Place;
  parts: readonly TextPart[];
  /** Between the quotes, escapes resolved, variables untouched: for patterns. */
  plain: string;
  quote: '"' | "'";
}

export interface NumberLiteral {
  kind: 'number';
  place: Place;
  value: number;
}

export interface NullLiteral {
  kind: 'null';
  place: Place;
}

/** `10.0.0.1` or `10.0.0.0/8`, for comparisons. */
export interface AddressLiteral {
  kind: 'address';
  place: Place;
  text: string;
}

export type UnaryOperator = '!' | '-' | '~';
export type LogicalOperator = '&&' | '||';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type BinaryOperator = LogicalOperator | ComparisonOperator | ArithmeticOperator;

export interface UnaryExpression {
  kind: 'unary';
  place: Place;
  operator: UnaryOperator;
  operand: Expression;
}

export interface BinaryExpression {
  kind: 'binary';
  place: Place;
  operator: BinaryOperator;
  left: Expression;
  right: Expression;
}

/** Parentheses are kept: they show the checker that the order is intended. */
export interface GroupExpression {
  kind: 'group';
  place: Place;
  inner: Expression;
}

export interface CallExpression {
  kind: 'call';
  place: Place;
  name: string;
  namePlace: Place;
  /** null for an empty one. */
  arguments: readonly (Expression | null)[];
}

/** `route(name)`; also the second argument of `async(...)`. */
export interface RouteName {
  kind: 'route name';
  place: Place;
  name: string;
}

export type Expression =
  | NumberLiteral
  | TextLiteral
  | NullLiteral
  | AddressLiteral
  | VariableReference
  | UnaryExpression
  | BinaryExpression
  | GroupExpression
  | CallExpression
  | RouteName;

export type AssignmentOperator = '=' | ':=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

export interface BlockStatement {
  kind: 'block';
  place: Place;
  statements: readonly Statement[];
}

export interface IfStatement {
  kind: 'if';
  place: Place;
  condition: Expression;
  then: Statement;
  otherwise: Statement | null;
}

export interface WhileStatement {
  kind: 'while';
  place: Place;
  condition: Expression;
  body: Statement;
}

/** `for ($var(x) in $(avp(y)[*])) statement` */
export interface ForStatement {
  kind: 'for';
  place: Place;
  target: VariableReference;
  list: VariableReference;
  body: Statement;
}

export interface SwitchCase {
  place: Place;
  /** null for `default`. */
  value: NumberLiteral | TextLiteral | null;
  statements: readonly Statement[];
}

export interface SwitchStatement {
  kind: 'switch';
  place: Place;
  value: Expression;
  cases: readonly SwitchCase[];
}

export interface AssignmentStatement {
  kind: 'assignment';
  place: Place;
  target: VariableReference;
  operator: AssignmentOperator;
  value: Expression;
}

export interface CallStatement {
  kind: 'call statement';
  place: Place;
  call: CallExpression;
}

export interface ReturnStatement {
  kind: 'return';
  place: Place;
  value: Expression | null;
  /** Values after the code: `return(1, $var(id))`. */
  results: readonly Expression[];
}

/** `exit`, `drop`, `break`, and the empty statement. */
export interface WordStatement {
  kind: 'exit' | 'drop' | 'break' | 'empty';
  place: Place;
}

export type Statement =
  | BlockStatement
  | IfStatement
  | WhileStatement
  | ForStatement
  | SwitchStatement
  | AssignmentStatement
  | CallStatement
  | ReturnStatement
  | WordStatement;

export const ROUTE_KINDS = [
  'route',
  'onreply_route',
  'failure_route',
  'branch_route',
  'local_route',
  'error_route',
  'startup_route',
  'timer_route',
  'event_route',
] as const;

export type RouteKind = (typeof ROUTE_KINDS)[number];

export interface RouteBlock {
  kind: RouteKind;
  place: Place;
  /** '' for the unnamed one. */
  name: string;
  /** Position of kind and name. */
  headPlace: Place;
  /** The number after the name of a timer_route, -1 where there is none. */
  seconds: number;
  body: BlockStatement;
}

export interface GlobalParameter {
  place: Place;
  name: string;
  /** As written, without quotes. */
  value: string;
  wasQuoted: boolean;
  valuePlace: Place;
}

export interface LoadModule {
  place: Place;
  /** Without folder and `.so`. */
  name: string;
  path: string;
}

export interface ModuleParameter {
  place: Place;
  /** Those that the first argument names, `|` between them. */
  modules: readonly string[];
  modulesPlace: Place;
  name: string;
  namePlace: Place;
  value: string | number;
  valuePlace: Place;
}

export interface Script {
  source: Source;
  parameters: readonly GlobalParameter[];
  modules: readonly LoadModule[];
  moduleParameters: readonly ModuleParameter[];
  routes: readonly RouteBlock[];
}
