/** Numbers of protocols and link types, for frames that tests make. */

export const ETHER_IPV4 = 0x0800;
export const ETHER_IPV6 = 0x86dd;
export const ETHER_VLAN = 0x8100;
export const ETHER_SERVICE_VLAN = 0x88a8;
export const ETHER_MPLS = 0x8847;
export const ETHER_PPPOE = 0x8864;
export const ETHER_BRIDGED = 0x6558;
export const ETHER_ERSPAN = 0x88be;
export const ETHER_ERSPAN_3 = 0x22eb;

export const IP_IPV4 = 4;
export const IP_TCP = 6;
export const IP_UDP = 17;
export const IP_IPV6 = 41;
export const IP_FRAGMENT = 44;
export const IP_GRE = 47;
export const IP_SCTP = 132;

export const PPP_IPV4 = 0x0021;
export const PPP_IPV6 = 0x0057;

export const LINK = { null: 0, ethernet: 1, raw: 101, loop: 108, sll: 113, ipv4: 228, ipv6: 229, sll2: 276 } as const;
