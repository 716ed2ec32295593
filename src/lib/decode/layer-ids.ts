/**
 * A number for every layer, so that a layer can name its successor without importing it. Numbers below FIRST_LAYER are
 * ends: where the walk over the layers stops.
 */

/** Nothing more to read: a fault, or a protocol that is not decoded. */
export const STOP = 0;
/** The walk is at the payload of a UDP datagram. */
export const DATAGRAM = 1;
/** The walk is at the payload of a TCP segment. */
export const SEGMENT = 2;
/** The walk is at the chunks of an SCTP packet. */
export const CHUNKS = 3;
/** The walk is at a fragment of an IP packet. */
export const FRAGMENT = 4;

export const FIRST_LAYER = 5;

export const ETHERNET = 5;
export const LLC = 6;
export const VLAN = 7;
export const SLL = 8;
export const SLL2 = 9;
export const NULL_LINK = 10;
export const LOOP_LINK = 11;
export const RAW_IP = 12;
export const MPLS = 13;
export const PPPOE = 14;
export const PPP = 15;
export const IPV4 = 16;
export const IPV6 = 17;
export const IPV6_EXTENSION = 18;
export const IPV6_FRAGMENT = 19;
export const AUTHENTICATION = 20;
export const GRE = 21;
export const ERSPAN_2 = 22;
export const ERSPAN_3 = 23;
export const VXLAN = 24;
export const GTP_U = 25;
export const UDP = 26;
export const TCP = 27;
export const SCTP = 28;
export const GENEVE = 29;
export const TZSP = 30;
export const PPP_OR_CISCO_HDLC = 31;
export const IEEE_802_11 = 32;
export const RADIOTAP = 33;
export const FRAME_RELAY = 34;
export const ENC = 35;
export const PFLOG = 36;
export const ERF = 37;
export const NFLOG = 38;
export const EXPORTED_PDU = 39;
export const CISCO_METADATA = 40;
export const VN_TAG = 41;
export const MACSEC = 42;
export const NSH = 43;
export const ESP = 44;
export const ESP_UDP = 45;
export const L2TP_UDP = 46;
export const L2TP_IP = 47;
export const VXLAN_GPE = 48;
export const AGGREGATE = 49;
