/** Whether a request is among a share of all: the same answer for the same id, in every process and for any larger share. */
export function isSampled(requestId: string, share: number): boolean {
  return share >= 1 || placeOf(requestId) < share
}

/** A text as a number from 0 to 1, evenly: FNV-1a, and the last steps of MurmurHash3 so that ids that are counted spread. */
function placeOf(text: string): number {
  let hash = 0x81_1c_9d_c5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
