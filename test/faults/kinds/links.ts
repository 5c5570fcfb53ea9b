/** Slow and stalled links, and requests that arrive after their sender has died. */
import { setTimeout as pause } from 'node:timers/promises'
import { api, type Fault } from '../fault.ts'
import { held } from '../held.ts'
import { between } from '../seededRandom.ts'
import type { Site } from '../site.ts'

const slow: Fault = {
  name: 'slow link',
  short: 1,
  async inject({ arena, lines, random, running }) {
    const program = await running()
    const before = program.said.length
    arena.proxy.delay(between(random, 20, 150))
    await lines.feedUntil(program.untilSaid(/(committed[\s\S]*){2}/, before))
    arena.proxy.delay(0)
  },
}

const stalled: Fault = {
  name: 'stalled link',
  short: 1,
  async inject({ arena, lines, random, running }) {
    await running()
    arena.proxy.stall(true)
    await lines.feedUntil(pause(between(random, 300, 2_000)))
    arena.proxy.stall(false)
  },
}

/** Its successor must have fenced it: what arrives must not become part of anything. */
async function arrivesLate(site: Site, sender: { kill(): Promise<void> }): Promise<void> {
  const { arena, copies, lines, random } = site
  await sender.kill()
  const successor = copies.start()
  const when = random() < 0.5 ? /started/ : /committed/
  await lines.feedUntil(successor.untilSaid(when))
  arena.proxy.release()
}

const lateProduce: Fault = {
  name: 'Produce arrives after its sender has died',
  short: 1,
  async inject(site) {
    const sender = await site.running()
    await site.lines.feedUntil(site.arena.proxy.detain(api.produce))
    await arrivesLate(site, sender)
  },
}

const lateEnd: Fault = {
  name: 'EndTxn arrives after its sender has died',
  short: 1,
  async inject(site) {
    const sender = await held(site, 'ending')
    const detained = site.arena.proxy.detain(api.endTxn)
    sender.signal('SIGCONT')
    await detained
    await arrivesLate(site, sender)
  },
}

export const links: readonly Fault[] = [slow, stalled, lateProduce, lateEnd]
