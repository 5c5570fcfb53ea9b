/** Java beside a job: feeds its sources, and reads its sinks read_committed all the while, record by record as they become visible. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { javaArguments } from '../../tools/support/javaTool.ts'
import { eventually } from '../../tools/support/jobs.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import type { Seen } from './history.ts'

export interface Line {
  /** Default: the source. */
  readonly topic?: string
  readonly partition: number
  readonly value: string
}

export interface Traffic {
  /** What the reader has seen, in the order in which it became visible. */
  readonly seen: readonly Seen[]
  /** What could not be fed, as Java says. */
  readonly failures: readonly string[]
  feed(lines: readonly Line[]): void
  /** Resolves when everything fed so far is there, or has failed. */
  flushed(): Promise<void>
  /** Resolves when the reader has seen everything that is committed now. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

const program = join(import.meta.dirname, '../../tools/support/java/Traffic.java')
const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']

export async function startTraffic(
  brokers: readonly string[],
  source: string,
  sinks: readonly string[],
): Promise<Traffic> {
  const args = await javaArguments(program, [brokers.join(','), ...sinks], flags)
  const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const guard = endGuard('kill -9 "$1"', [String(child.pid)])
  const gone = once(child, 'close').then(guard.dismiss)
  child.stdin.on('error', () => undefined)
  const seen: Seen[] = []
  const failures: string[] = []
  const positions = new Map<string, number>()

  let flushes = 0

  createInterface(child.stdout).on('line', (line) => {
    const [what, topic = '', partition = '', offset = '', ...value] = line.split(' ')
    if (what === 'read')
      seen.push({ topic, partition: Number(partition), offset: Number(offset), value: value.join(' ') })
    else if (what === 'at') positions.set(`${topic} ${partition}`, Number(offset))
    else if (what === 'flushed') flushes += 1
    else failures.push(line)
  })

  async function isThrough(topic: string): Promise<boolean> {
    const ends = await topicEnds(brokers, topic, 'read_committed')
    return ends.every((end, partition) => (positions.get(`${topic} ${partition}`) ?? 0) >= end)
  }

  return {
    seen,
    failures,
    feed(lines) {
      child.stdin.write(
        lines.map(({ topic = source, partition, value }) => `${topic} ${partition} ${value}\n`).join(''),
      )
    },
    async flushed() {
      const before = flushes
      child.stdin.write('flush\n')
      await eventually(() => flushes > before)
    },
    async caughtUp() {
      for (const sink of sinks) await eventually(() => isThrough(sink).catch(() => false))
    },
    async close() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
