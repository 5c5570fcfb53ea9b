/** One query over a topic up to its present end, in a process of its own. Prints ms, CPU ms and the largest memory, KiB. */
import { execute, fileStorage, json } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import type { Event } from './model.ts'
import { queries } from './queries.ts'
import { nexmarkJob, type Row } from './query.ts'

export interface RunSettings {
  readonly query: string
  readonly brokers: string
  readonly source: string
  readonly sink: string
  readonly id: string
  /** Between two checkpoints, ms. */
  readonly interval: number
  /** A folder of its own. */
  readonly checkpoints: string
}

const given: RunSettings = JSON.parse(process.argv[2] ?? '{}')
const { id, source, sink, interval, checkpoints } = given
const query = queries[given.query]
if (query === undefined) throw new Error(`there is no query ${given.query}`)
const kafka = kafkaCluster({ brokers: given.brokers.split(','), clientId: id })
const job = nexmarkJob(
  id,
  query,
  kafkaSource(kafka, { topic: source, groupId: id, until: 'latest', value: json<Event>() }),
  kafkaSink(kafka, { topic: sink, value: json<Row>() }),
)
const started = performance.now()
const before = process.cpuUsage()
const handle = execute(job, { checkpointing: { interval }, storage: fileStorage(checkpoints) })
handle.events$.subscribe((event) => {
  if (event.type === 'restarting') console.error(`restarting: ${event.error.message}`)
  if (event.type === 'late-records') console.error(`late records: ${JSON.stringify(event)}`)
})
await handle.done
const { user, system } = process.cpuUsage(before)
const taken = { ms: Math.round(performance.now() - started), cpu: Math.round((user + system) / 1_000) }
console.log(JSON.stringify({ ...taken, peak: process.resourceUsage().maxRSS }))
process.exit(0)
