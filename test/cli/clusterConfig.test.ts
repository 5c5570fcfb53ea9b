import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clusterConfig } from '../../src/cli/clusterConfig.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'

async function file(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  return path
}

describe('the file of --config', () => {
  it('is JSON, or a module whose default export has the options', async () => {
    const options = { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'u', password: 'p' } }
    expect(await clusterConfig(await file('a.json', JSON.stringify(options)))).toEqual(options)
    const module = await file('a.mjs', "const pass = 'p'\nexport default { ssl: true, sasl: { password: pass } }")
    expect(await clusterConfig(module)).toEqual({ ssl: true, sasl: { password: 'p' } })
    expect(await clusterConfig(await file('a.cjs', 'module.exports = { ssl: true }'))).toEqual({ ssl: true })
  })

  it.each([
    ['broken.json', '{ "sasl": { "password": secret', 'has a syntax error'],
    ['reads.mjs', 'export default JSON.parse(\'{ "password": secret\')', 'has a syntax error'],
    ['throws.mjs', "throw new Error('KAFKA_PASSWORD is not set')", 'KAFKA_PASSWORD is not set'],
    ['named.mjs', "export const kafka = { password: 'secret' }", 'has no options of kafkaCluster'],
    ['list.json', '["secret"]', 'has no options of kafkaCluster'],
  ])('if it is wrong as %s, the error names it and nothing that is in it', async (name, text, what) => {
    const path = await file(name, text)
    const message = await clusterConfig(path).then(String, (error: Error) => error.message)
    expect(message).toContain(what)
    expect(message).toContain(path)
    expect(message).not.toContain('secret')
  })

  it('is missed by name', async () => {
    await expect(clusterConfig('/nowhere/kafka.json')).rejects.toThrow('/nowhere/kafka.json cannot be loaded')
  })
})
