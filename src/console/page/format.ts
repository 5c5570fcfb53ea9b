/** Numbers, sizes, durations and times as text; always the same width for the same magnitude. */

const nothing = '–'

/** 0, 7.3, 812, 12.4 k, 3.10 M. */
export function count(value: number | null): string {
  if (value === null) return nothing
  if (value >= 1e9) return `${digits(value / 1e9)} G`
  if (value >= 1e6) return `${digits(value / 1e6)} M`
  if (value >= 1e4) return `${digits(value / 1e3)} k`
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 && !Number.isInteger(value) ? 1 : 0 })
}

export function bytes(value: number | null): string {
  if (value === null) return nothing
  if (value >= 2 ** 30) return `${digits(value / 2 ** 30)} GiB`
  if (value >= 2 ** 20) return `${digits(value / 2 ** 20)} MiB`
  if (value >= 2 ** 10) return `${digits(value / 2 ** 10)} KiB`
  return `${Math.round(value)} B`
}

/** @param ms 14 ms, 2.3 s, 41 s, 3 min 20 s, 5 h 2 min, 3 d 4 h */
export function duration(ms: number | null): string {
  if (ms === null) return nothing
  if (ms < 1e3) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 1e4) return `${(ms / 1e3).toFixed(1)} s`
  const seconds = Math.round(ms / 1e3)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function percent(share: number | null): string {
  return share === null ? nothing : `${Math.round(share * 100)} %`
}

/** Time of day, as 22:31:05. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** Date and time with zone, for titles. */
export function wholeTime(at: number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
}

/** Without parts of a second: 0 s, 7 s, 3 min 20 s. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1e3))
  return seconds < 10 ? `${seconds} s` : duration(seconds * 1e3)
}

/** How long ago, in steps that do not flicker. */
export function ago(at: number, now: number): string {
  const passed = Math.max(0, now - at)
  return passed < 1_500 ? 'just now' : `${wholeSeconds(passed)} ago`
}

/** Three digits. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
