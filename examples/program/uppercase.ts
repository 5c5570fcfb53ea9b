/**
 * The uppercase job as a program: `npm run uppercase -- --help`. Runs until SIGTERM or SIGINT, then takes a final checkpoint.
 *
 * exit 0: ended as it should   exit 1: the job failed   exit 2: bad arguments, or no broker answers
 */
import { execute, exponentialDelay, fileStorage, type Job, RxweftError } from 'rxweft'
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
  // Once it runs, a broker that does not answer is waited for; at the start it is more likely a wrong address.
  await (await kafka.connect('check')).close()
  return uppercase(kafka, options)
}

function exit(code: number, error: unknown): never {
  console.error(error instanceof RxweftError ? error.message : error)
  process.exit(code)
}

const options = parse(process.argv.slice(2))
const job = await jobOf(options).catch((error) => exit(2, error))
const running = execute(job, {
  checkpointing: options.checkpointing,
  storage: fileStorage(options.checkpoints),
  restart: exponentialDelay({ max: 2_000 }),
  probe: crashAt(process.env.RXWEFT_CRASH_AT),
})
narrate(running, options.verbose)
process.once('SIGTERM', running.stop)
process.once('SIGINT', running.stop)
await running.done.catch((error) => exit(1, error))
process.exit(0)
