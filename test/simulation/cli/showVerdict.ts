/** What a schedule has come to, for people: the settings, what happened, and what is wrong with it. */
import type { Verdict } from '../schedule.ts'

/** Most lines are about appends and offsets; those that tell the story are left when there must be few. */
const story = /(director|ledger|owner \d+): /

/** @param limit lines of the trace, the last ones */
export function showVerdict({ seed, config, problems, trace, decisions }: Verdict, limit: number): string {
  const told = limit === Infinity ? trace : trace.filter((line) => story.test(line)).slice(-limit)
  return [
    `seed ${seed}: ${JSON.stringify(config)}`,
    ...told,
    ...(problems.length === 0
      ? [`all is well after ${decisions} ledger entries`]
      : problems.map((problem) => `BROKEN: ${problem}`)),
  ].join('\n')
}
