/**
 * Transactions that expire: the broker aborts them because their producer is dead, asleep, or cut
 * off.
 */
import { decided } from '../decided.ts'
import { api, type Fault } from '../fault.ts'
import { held } from '../held.ts'
import { between } from '../seededRandom.ts'

const soon = ['--transaction-timeout', '1500']

/** Where other systems have decided already, and must now commit what is gone. */
function dead(lose: 'request' | 'answer'): Fault {
  return {
    name: `EndTxn: ${lose} lost, killed, started after expiry`,
    short: 1,
    async inject(site) {
      await site.copies.kill()
      const cut = site.arena.proxy.cutAt({ api: api.endTxn, nth: between(site.random, 6, 12), lose })
      const program = site.copies.start(soon)
      await site.lines.feedUntil(cut)
      await program.kill()
      await decided(site)
    },
  }
}

const asleep: Fault = {
  name: 'SIGSTOP until its transactions have expired',
  short: 1,
  async inject(site) {
    const program = await held(site, 'ending', soon)
    await decided(site)
    program.signal('SIGCONT')
  },
}

/** What it has sent arrives after the broker has given up on it. */
const cutOff: Fault = {
  name: 'link stalled until its transactions have expired',
  short: 1,
  async inject(site) {
    const program = await held(site, 'ending', soon)
    site.arena.proxy.stall(true)
    program.signal('SIGCONT')
    await decided(site)
    site.arena.proxy.stall(false)
  },
}

export const expired: readonly Fault[] = [dead('request'), dead('answer'), asleep, cutOff]
