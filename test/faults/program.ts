/** The uppercase job with state (event time), each snapshot of which is a file: for the faults of files and disks. */
import { boundedOutOfOrderness, execute, exponentialDelay, fileStorage, type Job, RxweftError } from 'rxweft'
import { kafkaCluster } from 'rxweft/kafka'
import { parse } from '../../examples/program/arguments.ts'
import { crashAt } from '../../examples/program/crashAt.ts'
import { narrate } from '../../examples/program/narrate.ts'
import { uppercase } from '../../examples/uppercase.ts'

function withEventTime(job: Job): Job {
  return {
    ...job,
    pipeline: (builder) =>
      job.pipeline({ ...builder, from: (source) => builder.from(source, boundedOutOfOrderness(0)) }),
  }
}

const { brokers = [], checkpoints, checkpointing, verbose, ...options } = parse(process.argv.slice(2))
const running = execute(withEventTime(uppercase(kafkaCluster({ brokers, clientId: options.name }), options)), {
  checkpointing,
  storage: { ...fileStorage(checkpoints), inline: 0 },
  restart: exponentialDelay({ max: 2_000 }),
  probe: crashAt(process.env.RXWEFT_CRASH_AT),
})
narrate(running, verbose)
process.once('SIGTERM', running.stop)
process.once('SIGINT', running.stop)
await running.done.catch((error: unknown) => {
  console.error(error instanceof RxweftError ? error.message : error)
  process.exit(1)
})
process.exit(0)
