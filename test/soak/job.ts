/**
 * The process that is watched: the uppercase job of the examples. It answers every message with its
 * resources, and stops at SIGTERM.
 */
import { execute, fileStorage } from 'rxweft'
import { kafkaCluster } from 'rxweft/kafka'
import { uppercase } from '../../examples/uppercase.ts'
import { type Inside, inside } from './inside.ts'

/** What the job tells when asked. */
export interface Told extends Inside {
  readonly checkpoints: number
  readonly restarts: number
}

const [brokers = '', name = '', source = '', sink = '', checkpoints = ''] = process.argv.slice(2)
const count = { checkpoints: 0, restarts: 0 }
const job = execute(uppercase(kafkaCluster({ brokers: brokers.split(',') }), { name, source, sink }), {
  checkpointing: { interval: 100 },
  storage: fileStorage(checkpoints),
})
job.events$.subscribe((event) => {
  if (event.type === 'checkpoint-committed') count.checkpoints += 1
  if (event.type === 'restarting') {
    count.restarts += 1
    console.log(`restarting: ${event.error.message}`)
  }
})
process.on('message', () => process.send?.({ ...inside(), ...count } satisfies Told))
process.once('SIGTERM', job.stop)
process.once('disconnect', () => process.exit(1))
await job.done
process.exit(0)
