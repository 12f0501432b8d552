/** A revision, size or count as it stands in a compartment: a JSON integer. Throws beyond 53 bits; never rounds. */
export function toJsonInteger(value: bigint): number {
  const integer = Number(value);
  if (!Number.isSafeInteger(integer)) throw new RangeError('an integer of more than 53 bits');
  return integer;
}
