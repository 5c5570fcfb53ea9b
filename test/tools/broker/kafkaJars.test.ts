/** Fetching a broker, with a Maven that takes its time. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** Its last argument is where the jars go. */
const slowMaven = `#!/bin/sh
[ "$1" = --version ] && exit 0
for last; do :; done
sleep 0.5
touch "\${last#-DoutputDirectory=}/kafka.jar"
`

/** Runs `kafkaJars` in a process of its own; returns what it said. */
function fetched(home: string): readonly string[] {
  const program = `
    const { kafkaJars } = await import(process.argv[1])
    await kafkaJars('0.0.0', console.log, 100)`
  const args = ['--conditions=rxweft-source', '--import', 'tsx', '--input-type=module', '-e', program]
  const env = { ...process.env, XDG_CACHE_HOME: home, PATH: [join(home, 'bin'), process.env.PATH].join(delimiter) }
  const said = execFileSync(process.execPath, [...args, join(root, 'tools/broker/kafkaJars.ts')], { cwd: root, env })
  return String(said).trim().split('\n')
}

describe('fetching the jars of a broker', () => {
  it('says how much there is to fetch, and that it still does', () => {
    const home = mkdtempSync(join(tmpdir(), 'rxweft-jars-'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    mkdirSync(join(home, 'bin'))
    writeFileSync(join(home, 'bin/mvn'), slowMaven, { mode: 0o700 })
    const [first, ...more] = fetched(home)
    expect(first).toMatch(/^fetching Kafka 0\.0\.0 through Maven into .*, once: about 60 MB/)
    expect(more).toContain('Maven is still fetching, after 0 s')
  })
})
