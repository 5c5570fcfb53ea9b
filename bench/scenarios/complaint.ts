/** Problems that the verifier found, in one line; null if there are none. */

/** Numbers that must be zero, and two that must be the same. */
interface Findings {
  readonly records: number
  readonly expected: number
}

/** Everything in a finding that is not a count of something wrong. */
const neutral = new Set(['records', 'expected', 'words', 'series'])

/** @param fed how many records the source was given: the verifier counts them again. */
export function complaint(found: Findings, fed: number): string | null {
  const wrong = Object.entries(found).filter(([name, count]) => !neutral.has(name) && count !== 0)
  const complaints = wrong.map(([name, count]) => `${count} ${name}`)
  if (found.expected !== fed) complaints.unshift(`the source has ${found.expected} records instead of ${fed}`)
  if (found.records !== found.expected) complaints.unshift(`${found.records} records instead of ${found.expected}`)
  return complaints.length === 0 ? null : complaints.join(', ')
}
