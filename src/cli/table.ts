/** Text in columns, for a terminal. */

/** Columns as wide as their widest cell. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows]
  const widths = titles.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A number with commas. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Time since something, ms; null: unknown. */
export function shownAge(age: number | null): string {
  if (age === null) return '?'
  if (age < 60_000) return `${(age / 1_000).toFixed(1)} s`
  return age < 7_200_000 ? `${Math.round(age / 60_000)} min` : `${Math.round(age / 3_600_000)} h`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function shownBytes(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1_024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}
