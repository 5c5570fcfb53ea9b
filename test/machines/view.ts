/**
 * Shows who runs what while faults happen: on a terminal as a block that is drawn again and again,
 * elsewhere as a line whenever it has changed.
 */
import { jobStatus } from '../../src/cli/jobStatus.ts'
import { readFacts } from '../../src/cli/readFacts.ts'
import { readingOf } from '../../src/cli/reading.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { nodeNames } from '../../tools/broker/javaCluster.ts'
import { jobName, type Site } from './site.ts'

export interface View {
  /** Something happens now. */
  says(line: string): void
  close(): Promise<void>
}

/** ms */
const interval = 500

export async function openView(site: Site): Promise<View> {
  const over = new AbortController()
  const connections = await kafkaCluster({ brokers: site.cluster.brokers, requestTimeout: 2_000 }).connect('view')
  const reading = readingOf(connections, over.signal)
  const isTerminal = process.stdout.isTTY === true
  let owners: ReadonlyMap<string, readonly number[]> = new Map()
  let shown = ''
  let happening = ''
  let drawn = 0

  async function look(): Promise<void> {
    const facts = await readFacts(reading, { job: jobName, prefix: 'rxweft' })
    const found = new Map<string, number[]>()
    for (const { shard, instance, owner } of jobStatus(facts).shards) {
      const name = instance ?? owner?.slice(0, 8) ?? 'nobody'
      found.set(name, [...(found.get(name) ?? []), shard])
    }
    owners = found
  }

  function block(): readonly string[] {
    const known = new Set(site.workers.map(({ name }) => name))
    const others = [...owners].filter(([name]) => !known.has(name))
    const shardsOf = (name: string) => (owners.get(name) ?? []).join(' ') || '-'
    return [
      happening,
      ...site.workers.map(({ name, state }) => `  ${name.padEnd(9)}${state.padEnd(9)}${shardsOf(name)}`),
      ...others.map(([name, shards]) => `  ${name.padEnd(18)}${shards.join(' ')}`),
      `  ${nodeNames.map((name) => `${name === 'controller' ? name : `broker ${name}`} ${site.cluster.nodes[name].state}`).join(', ')}`,
      `  ${site.fed * 3} words in, ${site.tail.commits.length} checkpoints committed`,
    ]
  }

  function draw(): void {
    if (isTerminal) {
      const lines = block()
      process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[J` : ''}${lines.join('\n')}\n`)
      drawn = lines.length
      return
    }
    const line = site.workers
      .map(
        ({ name, state }) =>
          `${name}${state === 'running' ? '' : ` ${state}`}: ${(owners.get(name) ?? []).join(' ') || '-'}`,
      )
      .join(' | ')
    if (line !== shown) console.log(`    ${line}`)
    shown = line
  }

  let looking: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    draw()
    looking = looking.then(look).catch(() => undefined)
  }, interval)
  return {
    says(line) {
      happening = line
      if (!isTerminal) console.log(line)
    },
    async close() {
      clearInterval(timer)
      over.abort()
      await connections.close()
      await looking
    },
  }
}
