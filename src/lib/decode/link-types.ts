/**
 * Link types by number and name (tcpdump.org/linktypes.html). A row with a layer is decoded; rows without one only have a
 * name, so that a message can say what a capture contains.
 */
import * as layer from './layer-ids.js';

export interface LinkType {
  readonly number: number;
  readonly name: string;
  /** The first layer of its frames; STOP if it is not decoded. */
  readonly layer: number;
}

type Row = readonly [number: number, name: string, layer?: number];

const ROWS: readonly Row[] = [
  [0, 'NULL', layer.NULL_LINK],
  [1, 'ETHERNET', layer.ETHERNET],
  [6, 'IEEE802_5'],
  [7, 'ARCNET_BSD'],
  [8, 'SLIP'],
  [9, 'PPP', layer.PPP],
  [10, 'FDDI'],
  [12, 'RAW', layer.RAW_IP], // as most systems number it in files
  [14, 'RAW', layer.RAW_IP], // OpenBSD
  [50, 'PPP_HDLC', layer.PPP_OR_CISCO_HDLC],
  [51, 'PPP_ETHER', layer.PPPOE],
  [99, 'SYMANTEC_FIREWALL'],
  [100, 'ATM_RFC1483'],
  [101, 'RAW', layer.RAW_IP],
  [104, 'C_HDLC', layer.PPP_OR_CISCO_HDLC],
  [105, 'IEEE802_11', layer.IEEE_802_11],
  [107, 'FRELAY', layer.FRAME_RELAY],
  [108, 'LOOP', layer.LOOP_LINK],
  [109, 'ENC', layer.ENC],
  [113, 'LINUX_SLL', layer.SLL],
  [114, 'LTALK'],
  [117, 'PFLOG', layer.PFLOG],
  [119, 'IEEE802_11_PRISM'],
  [122, 'IP_OVER_FC'],
  [123, 'SUNATM'],
  [127, 'IEEE802_11_RADIOTAP', layer.RADIOTAP],
  [129, 'ARCNET_LINUX'],
  [138, 'APPLE_IP_OVER_IEEE1394'],
  [139, 'MTP2_WITH_PHDR'],
  [140, 'MTP2'],
  [141, 'MTP3'],
  [142, 'SCCP'],
  [143, 'DOCSIS'],
  [144, 'LINUX_IRDA'],
  ...Array.from({ length: 16 }, (_, i): Row => [147 + i, `USER${i}`]),
  [163, 'IEEE802_11_AVS'],
  [166, 'PPP_PPPD'],
  [169, 'GPRS_LLC'],
  [177, 'LINUX_LAPD'],
  [187, 'BLUETOOTH_HCI_H4'],
  [189, 'USB_LINUX'],
  [192, 'PPI'],
  [195, 'IEEE802_15_4_WITHFCS'],
  [197, 'ERF', layer.ERF],
  [201, 'BLUETOOTH_HCI_H4_WITH_PHDR'],
  [202, 'AX25_KISS'],
  [203, 'LAPD'],
  [204, 'PPP_WITH_DIR'],
  [205, 'C_HDLC_WITH_DIR'],
  [206, 'FRELAY_WITH_DIR'],
  [209, 'IPMB_LINUX'],
  [215, 'IEEE802_15_4_NONASK_PHY'],
  [220, 'USB_LINUX_MMAPPED'],
  [224, 'FC_2'],
  [226, 'IPNET'],
  [227, 'CAN_SOCKETCAN'],
  [228, 'IPV4', layer.IPV4],
  [229, 'IPV6', layer.IPV6],
  [230, 'IEEE802_15_4_NOFCS'],
  [231, 'DBUS'],
  [235, 'DVB_CI'],
  [236, 'MUX27010'],
  [239, 'NFLOG', layer.NFLOG],
  [240, 'NETANALYZER'],
  [241, 'NETANALYZER_TRANSPARENT'],
  [242, 'IPOIB'],
  [243, 'MPEG_2_TS'],
  [247, 'INFINIBAND'],
  [248, 'SCTP'],
  [249, 'USBPCAP'],
  [251, 'BLUETOOTH_LE_LL'],
  [252, 'WIRESHARK_UPPER_PDU', layer.EXPORTED_PDU],
  [253, 'NETLINK'],
  [254, 'BLUETOOTH_LINUX_MONITOR'],
  [256, 'BLUETOOTH_LE_LL_WITH_PHDR'],
  [258, 'PKTAP'],
  [259, 'EPON'],
  [266, 'USB_DARWIN'],
  [272, 'NORDIC_BLE'],
  [276, 'LINUX_SLL2', layer.SLL2],
  [283, 'IEEE802_15_4_TAP'],
];

export const LINK_TYPES: readonly LinkType[] = ROWS.map(([number, name, first]) => ({ number, name, layer: first ?? layer.STOP }));

/** Capture files store the number in 16 bits. */
export const LAYER_OF_LINK_TYPE = layersByNumber(LINK_TYPES);

export function isReadLinkType(number: number): boolean {
  return (LAYER_OF_LINK_TYPE[number] ?? layer.STOP) !== layer.STOP;
}

/** `189 (USB_LINUX)`, or the number alone. */
export function linkTypeText(number: number): string {
  const known = LINK_TYPES.find((row) => row.number === number);
  return known === undefined ? `${number}` : `${number} (${known.name})`;
}

function layersByNumber(rows: readonly LinkType[]): Uint8Array {
  const layers = new Uint8Array(65_536);
  for (const row of rows) layers[row.number] = row.layer;
  return layers;
}
