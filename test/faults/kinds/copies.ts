/** Two copies of one job: the newer one wins, the older one ends as Fenced and writes nothing more, also when it was asleep. */
import type { Program } from '../../../tools/support/program.ts'
import { decided } from '../decided.ts'
import { type Fault, steps } from '../fault.ts'
import { held } from '../held.ts'

const few = /(committed[\s\S]*){3}/

async function endsFenced(program: Program): Promise<void> {
  const how = await program.ended
  if (how === 1 && program.said.includes('OWNED_BY_ANOTHER')) return
  throw new Error(`it was to end as fenced, and ended with ${how}:\n${program.said}`)
}

const atOnce: Fault = {
  name: 'two copies started at once',
  short: 1,
  async inject({ copies, lines }) {
    await copies.kill()
    const both = [copies.start(), copies.start()]
    const first = Promise.race(both.map((copy) => copy.ended.then(() => copy)))
    await lines.feedUntil(first)
    await endsFenced(await first)
  },
}

const newer: Fault = {
  name: 'a newer copy takes over',
  short: 1,
  async inject({ running, copies, lines }) {
    const older = await running()
    copies.start()
    await lines.feedUntil(older.ended)
    await endsFenced(older)
  },
}

const sleeper: Fault = {
  name: 'SIGSTOP, expired, replaced, and awake again',
  short: 1,
  async inject(site) {
    const { copies, lines } = site
    await copies.kill()
    const sleeping = copies.start(['--transaction-timeout', '1500'])
    await lines.feedUntil(sleeping.untilSaid(few))
    sleeping.signal('SIGSTOP')
    await lines.feed(500)
    await decided(site)
    await lines.feedUntil(copies.start().untilSaid(few))
    sleeping.signal('SIGCONT')
    await lines.feedUntil(sleeping.ended)
    await endsFenced(sleeping)
  },
}

function zombie(step: string): Fault {
  return {
    name: `SIGSTOP at the step ${step}, replaced, and awake again`,
    ...(step === 'ending' ? { short: 1 } : {}),
    async inject(site) {
      const sleeping = await held(site, step)
      const replacement = site.copies.start()
      // At random it wakes up in the middle of the change, or after it.
      const when = site.random() < 0.5 ? /started/ : few
      await site.lines.feedUntil(replacement.untilSaid(when))
      sleeping.signal('SIGCONT')
      await site.lines.feedUntil(sleeping.ended)
      await endsFenced(sleeping)
    },
  }
}

export const copies: readonly Fault[] = [atOnce, newer, sleeper, ...steps.map(zombie)]
