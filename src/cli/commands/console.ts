import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { abortController, systemClock } from '../../clock.ts'
import { checkConsole } from '../../console/consoleOptions.ts'
import { servePage } from '../../console/servePage.ts'
import { toError } from '../../errors.ts'
import { wholeNumber } from '../arguments.ts'
import { type JobOptions, withConnections, withJob } from '../cluster.ts'
import { readFacts } from '../readFacts.ts'
import { readingOf } from '../reading.ts'
import { shownCluster } from '../shownCluster.ts'
import { exitCodes, Refusal } from '../tell.ts'

interface Options extends JobOptions {
  readonly port: number
  readonly host: string
  readonly tokenFile?: string
}

/** The page of a job, from its cluster alone: also of one whose processes do not run. */
export function consoleCommand(): Command {
  return withJob(new Command('console'))
    .description('serve a page that shows a job as its cluster knows it, until Ctrl-C')
    .option('--port <number>', 'port to listen on; 0: any free one', wholeNumber, 4_601)
    .option('--host <address>', 'address to listen on; one that other machines reach needs a token', '127.0.0.1')
    .option('--token-file <file>', 'file with a secret of at least 16 characters, which opens the page')
    .action(show)
}

async function show({ job, prefix, port, host, tokenFile, ...cluster }: Options): Promise<void> {
  const options = { port, host, token: tokenFile === undefined ? undefined : await secretIn(tokenFile) }
  try {
    checkConsole('rxweft console', options)
  } catch (thrown) {
    throw new Refusal(toError(thrown).message, exitCodes.wrongArguments)
  }
  const end = abortController()
  await withConnections(cluster, 'console', async (connections) => {
    const reading = readingOf(connections, end.signal)
    const facts = () => readFacts(reading, { job, prefix })
    // A wrong name is an error of the command, and no page.
    await facts()
    const shown = shownCluster({ name: job, clock: systemClock, signal: end.signal, since: systemClock.now(), facts })
    const page = await servePage(shown, options)
    console.log(`page of the job ${job}: ${page.url} (until Ctrl-C)`)
    await signalled()
    end.abort()
    await page.close()
  })
}

async function secretIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (thrown) {
    throw new Refusal(`--token-file cannot be read: ${toError(thrown).message}`, exitCodes.wrongArguments)
  }
}

/** The page does not keep the process alive, so this does. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000)
    const end = (): void => {
      clearInterval(alive)
      resolve()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
}
