/** Machine and versions of a run, without which its figures mean little. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

export function machine(): Readonly<Record<string, string | number>> {
  const all = cpus()
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    // Of what else was going on before the run.
    load: Math.round((loadavg()[0] as number) * 10) / 10,
  }
}

/** @param kafka of the broker, as it describes itself */
export async function versions(kafka: string): Promise<Readonly<Record<string, string>>> {
  const require = createRequire(import.meta.url)
  const pom = readFileSync(join(root, 'bench/jvm/java/pom.xml'), 'utf8')
  const { stderr } = await run('java', ['-version'])
  const git = await run('git', ['describe', '--always', '--dirty'], { cwd: root }).catch(() => ({ stdout: 'unknown' }))
  return {
    rxweft: `${require(join(root, 'package.json')).version} (${git.stdout.trim()})`,
    node: process.version,
    java: /version "([^"]+)"/.exec(stderr)?.[1] ?? 'unknown',
    broker: kafka,
    kafkajs: versionOf('kafkajs'),
    platformatic: versionOf('@platformatic/kafka'),
    'Kafka Streams': /<kafka.version>(.*?)</.exec(pom)?.[1] ?? 'unknown',
    Flink: /<flink.version>(.*?)</.exec(pom)?.[1] ?? 'unknown',
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  return require(join(root, 'node_modules', name, 'package.json')).version
}
