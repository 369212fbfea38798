/**
 * Formats an epoch time (ms) as the API does: ISO 8601 with six decimals and the zone's offset at that time,
 * `2025-10-07T09:00:21.179000+10:00`. The clock has milliseconds, so the last three decimals are zero.
 *
 * @throws RangeError for an unknown zone.
 */
export function isoTime(epochMs: number, timeZone: string): string {
  const offset = offsetOf(epochMs, timeZone);
  const sign = offset.startsWith('-') ? -1 : 1;
  const [hours, minutes] = offset.slice(1).split(':').map(Number);
  const local = new Date(epochMs + sign * (hours! * 60 + minutes!) * 60_000);
  return `${local.toISOString().slice(0, -1)}000${offset}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetOf(epochMs: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')!.value;
  return name === 'GMT' ? '+00:00' : name.slice('GMT'.length);
}
