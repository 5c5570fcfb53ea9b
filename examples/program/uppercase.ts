/**
 * The uppercase job as a program: `npm run uppercase -- --help`. Runs until SIGTERM or SIGINT, then
 * takes a final checkpoint.
 *
 * exit 0: finished or stopped
 * exit 1: the job failed
 * exit 2: wrong arguments, such as a missing topic, or no broker answers
 *
 * A second SIGTERM or SIGINT kills it.
 */
import { execute, exponentialDelay, fileStorage, type Job, type JobHandle, RxweftError } from 'rxweft'
import { embeddedLog } from 'rxweft/embedded'
import { kafkaCluster } from 'rxweft/kafka'
import { uppercase } from '../uppercase.ts'
import { uppercaseEmbedded } from '../uppercaseEmbedded.ts'
import { type Arguments, parse } from './arguments.ts'
import { crashAt } from './crashAt.ts'
import { narrate } from './narrate.ts'

async function jobOf({ brokers, embedded, ...options }: Arguments): Promise<Job> {
  if (embedded !== undefined) return uppercaseEmbedded(embeddedLog(embedded), options)
  const kafka = kafkaCluster({ brokers: brokers ?? [], clientId: options.name })
  // A running job waits for a broker that does not answer. At the start the address is more likely
  // wrong.
  await (await kafka.connect('check')).close()
  return uppercase(kafka, options)
}

/** One line for errors that the user can fix, the whole stack for bugs. */
function exit(code: number, error: unknown): never {
  console.error(error instanceof RxweftError ? error.message : error)
  process.exit(code)
}

function start(job: Job): JobHandle {
  try {
    return execute(job, {
      checkpointing: options.checkpointing,
      storage: fileStorage(options.checkpoints),
      restart: exponentialDelay({ max: 2_000 }),
      probe: crashAt(process.env.RXWEFT_CRASH_AT),
    })
  } catch (error) {
    return exit(2, error)
  }
}

const options = parse(process.argv.slice(2))
// The demonstration shows the job on a page of its own.
const watching = process.send && (await import('../../tools/console/overIpc.ts'))
const running = start(await jobOf(options).catch((error) => exit(2, error)))
let restored = false
running.events$.subscribe(({ type }) => {
  restored ||= type === 'restored'
})
narrate(running, options.verbose)
watching?.tellParent(running)
process.once('SIGTERM', running.stop)
process.once('SIGINT', running.stop)
// A Fatal error before the restore is a wrong argument that only the cluster could detect.
await running.done.catch((error) => exit(!restored && error.consequence === 'fatal' ? 2 : 1, error))
process.exit(0)
