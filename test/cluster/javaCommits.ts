/** A Java transactional producer beside a job: when it has committed, to measure the job's silences against. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { javaArguments } from '../../tools/support/javaTool.ts'

export interface JavaCommits {
  /** ms since the epoch, in order. */
  readonly commits: readonly number[]
  /** What has made it abort, or begin with another producer. */
  readonly setbacks: readonly string[]
  close(): Promise<void>
}

const program = join(import.meta.dirname, '../../tools/support/java/Transactions.java')
const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']

/** @param pause ms from the start of one transaction to that of the next */
export async function startJavaCommits(
  brokers: readonly string[],
  topic: string,
  transactionalId: string,
  pause: number,
): Promise<JavaCommits> {
  const args = await javaArguments(program, [brokers.join(','), topic, transactionalId, String(pause)], flags)
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const guard = endGuard('kill -9 "$1"', [String(child.pid)])
  const gone = once(child, 'close').then(guard.dismiss)
  const commits: number[] = []
  const setbacks: string[] = []
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('commit ')) commits.push(Number(line.slice('commit '.length)))
    else setbacks.push(line)
  })
  return {
    commits,
    setbacks,
    async close() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
