/** Compiles the programs to measure, starts the broker, and ends everything afterwards. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toError } from '../../src/errors.ts'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { buildJvm } from '../jvm/jvm.ts'
import { benchBroker } from './broker.ts'
import type { Lab } from './lab.ts'
import { topicsOn } from './topics.ts'

type Asked = Pick<Lab, 'plan' | 'wants' | 'say' | 'record'>

/** @param use gets the lab, and how the broker describes itself */
export async function withLab<T>(asked: Asked, use: (lab: Lab, broker: string) => Promise<T>): Promise<T> {
  await build()
  const jvm = await buildJvm(asked.say)
  const broker = await benchBroker(asked.say)
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-bench-'))
  const guard = endGuard('rm -rf "$1"', [folder])
  try {
    const topics = await topicsOn(broker.brokers)
    const brokerPid = broker.kind === 'java' ? broker.pid : null
    const lab = { ...asked, brokers: broker.brokers.join(','), brokerPid, topics, jvm, folder }
    return await use(lab, broker.describe).finally(topics.close)
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
    guard.dismiss()
  }
}

const root = join(import.meta.dirname, '../..')

/** What users run, and the programs under test beside it. */
export async function build(): Promise<void> {
  const tsc = join(root, 'node_modules/.bin/tsc')
  for (const project of ['tsconfig.build.json', 'bench/tsconfig.json']) {
    try {
      await promisify(execFile)(tsc, ['-p', project], { cwd: root })
    } catch (thrown) {
      throw new Error(`tsc -p ${project}: ${(thrown as { stdout?: string }).stdout ?? toError(thrown).message}`)
    }
  }
}
