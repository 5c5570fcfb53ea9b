/** Faults of the processes: killed, frozen, cut off, replaced and asked to leave, at any moment. */
import { setTimeout as pause } from 'node:timers/promises'
import { brokerIds } from '../../tools/broker/javaCluster.ts'
import { machineOf } from '../../tools/machines/machinesGround.ts'
import type { Network } from '../../tools/machines/network.ts'
import { between, shuffled } from '../faults/seededRandom.ts'
import type { ProcessFault } from './fault.ts'
import type { JobProcess } from './jobProcess.ts'
import { type ProcessSite, shards } from './site.ts'

type Inject = ProcessFault['inject']

/** Session timeout of the program, ms. */
const session = 6_000
/** How long a process that was replaced under its name may take to notice it, ms. */
const patience = 60_000

const moment = (random: () => number, low: number, high: number): Promise<void> => pause(between(random, low, high))
/** Longer, and shorter, than the session. */
const long = ({ random }: ProcessSite): Promise<void> => moment(random, session + 2_000, session + 8_000)
const short = ({ random }: ProcessSite): Promise<void> => moment(random, 500, session - 2_000)

function victim({ processes, random }: ProcessSite): JobProcess {
  return processes[between(random, 0, processes.length - 1)] as JobProcess
}

function networkOf({ network }: ProcessSite): Network {
  if (network === null) throw new Error('this fault needs machines')
  return network
}

const killed =
  (count: number, away: (site: ProcessSite) => Promise<void>): Inject =>
  async (site) => {
    const victims = shuffled(site.random, site.processes).slice(0, count)
    await Promise.all(victims.map((one) => one.kill()))
    await away(site)
    for (const one of victims) one.start()
  }

const frozen =
  (asleep: (site: ProcessSite) => Promise<void>): Inject =>
  async (site) => {
    const one = victim(site)
    one.freeze()
    await asleep(site)
    one.wake()
  }

const cutOff =
  (away: (site: ProcessSite) => Promise<void>): Inject =>
  async (site) => {
    const { name } = victim(site)
    await networkOf(site).unplug(name)
    await away(site)
    await networkOf(site).plug(name)
  }

/** @param ways pairs of machines, of which the second gets nothing from the first */
const oneWay =
  (ways: (name: string, broker: string) => readonly [string, string]): Inject =>
  async (site) => {
    const { name } = victim(site)
    const pairs = brokerIds.map((id) => ways(name, machineOf(id)))
    for (const [from, to] of pairs) await networkOf(site).hold(from, to)
    await long(site)
    for (const [from, to] of pairs) await networkOf(site).release(from, to)
  }

async function leaves(one: JobProcess, { wrong }: ProcessSite): Promise<void> {
  const { hasBegun } = one
  const how = await one.end('SIGTERM')
  const tooEarly = how === 'SIGTERM' && !hasBegun
  if (how !== 0 && !tooEarly) wrong.push(`${one.name} was asked to leave, and ended with ${how}:\n${one.said()}`)
}

/** The frozen one wakes beside the one that has taken its name, and has to end. */
const replacedInSleep: Inject = async (site) => {
  const one = victim(site)
  one.freeze()
  await moment(site.random, 0, session + 4_000)
  const old = one.abandon()
  one.start()
  await site.committed(Date.now(), patience)
  await short(site)
  old.signal('SIGCONT')
  const how = await Promise.race([old.ended, pause(patience, null, { ref: false })])
  if (how === null) site.wrong.push(`${one.name} has been replaced, and goes on:\n${old.said.slice(-3_000)}`)
  await old.kill()
}

const of = (name: string, inject: Inject, more: Partial<ProcessFault> = {}): ProcessFault => {
  return { name, kind: 'processes', inject, ...more }
}

export const processFaults: readonly ProcessFault[] = [
  of(
    'a process is killed and restarted at once',
    killed(1, async () => undefined),
    { short: true },
  ),
  of('a process is killed and away for less than its session', killed(1, short)),
  of('a process is killed and away for longer than its session', killed(1, long)),
  of(
    'two processes are killed, and restarted at once',
    killed(2, async () => undefined),
  ),
  of('two processes are killed, and away for longer than their session', killed(2, long)),
  of(
    'all processes are killed, and restarted at once',
    killed(3, async () => undefined),
  ),
  of('a process is frozen for less than its session', frozen(short)),
  of('a process is frozen for longer than its session', frozen(long), { short: true }),
  of('a process is replaced under its name while it is frozen, and wakes', replacedInSleep),
  of('the cable of a process is unplugged for less than its session', cutOff(short), { needsMachines: true }),
  of('the cable of a process is unplugged for longer than its session', cutOff(long), {
    ...{ needsMachines: true, short: true },
  }),
  of(
    'a process gets nothing from the brokers',
    oneWay((name, broker) => [broker, name]),
    { needsMachines: true },
  ),
  of(
    'the brokers get nothing from a process',
    oneWay((name, broker) => [name, broker]),
    { needsMachines: true },
  ),
  of('a process leaves and comes back', async (site) => {
    const one = victim(site)
    await leaves(one, site)
    one.start()
  }),
  of('a process is killed while it leaves, and restarted at once', async (site) => {
    const one = victim(site)
    one.ask('SIGTERM')
    await moment(site.random, 0, 2_000)
    await one.kill()
    one.start()
  }),
  of('a process leaves while another one is frozen', async (site) => {
    const [one, other] = shuffled(site.random, site.processes) as [JobProcess, JobProcess]
    other.freeze()
    await Promise.all([leaves(one, site), long(site)])
    other.wake()
    one.start()
  }),
  of('all processes are restarted one after the other', async (site) => {
    for (const one of site.processes) {
      await leaves(one, site)
      one.start()
      await site.committed(Date.now(), patience)
    }
  }),
  of('one process after the other is killed, each before the last one is back', async (site) => {
    for (let left = shards; left > 0; left--) {
      const one = victim(site)
      await one.kill()
      one.start()
      await moment(site.random, 0, 1_500)
    }
  }),
]
