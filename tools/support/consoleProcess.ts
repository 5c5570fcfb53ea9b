/** The console consumer as a process: everything that it prints is kept, and it reads on until it is told to end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type ConsumedRecord, consoleFormat } from './consoleRecords.ts'
import { javaArguments } from './javaTool.ts'

export interface ConsoleProcess {
  /** What it said on stderr, should it have ended by itself. */
  readonly failure: string | null
  /** SIGTERM; resolves with what it has printed. Rejects where that is not as many records as it says it has printed. */
  end(): Promise<ConsumedRecord[]>
  kill(): void
}

const main = 'org.apache.kafka.tools.consumer.ConsoleConsumer'

export async function consoleProcess(args: readonly string[]): Promise<ConsoleProcess> {
  const format = consoleFormat()
  const child = spawn('java', await javaArguments(main, [...args, ...format.args]), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] }
  let ended = false
  child.stdout.on('data', (chunk) => said.out.push(chunk))
  child.stderr.on('data', (chunk) => said.err.push(chunk))
  const closed = once(child, 'close').then(() => {
    ended = true
  })
  return {
    get failure() {
      return ended ? Buffer.concat(said.err).toString() : null
    },
    async end() {
      child.kill('SIGTERM')
      await closed
      return counted(format.parse(Buffer.concat(said.out).toString()), Buffer.concat(said.err).toString())
    },
    kill: () => child.kill('SIGKILL'),
  }
}

function counted(records: ConsumedRecord[], complaints: string): ConsumedRecord[] {
  const count = /Processed a total of (\d+) messages/.exec(complaints)?.[1]
  if (Number(count) === records.length) return records
  throw new Error(`the console consumer says that it printed ${count}, and ${records.length} were read: ${complaints}`)
}
