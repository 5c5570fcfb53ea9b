/** The parts of kafkajs 2.2.4 that its types lack. The version is pinned, so they cannot change. */

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net'
  import type { ISocketFactory, KafkaConfig } from 'kafkajs'

  interface Logger {
    namespace(name: string): Logger
    debug(message: string): void
    info(message: string): void
    warn(message: string): void
    error(message: string): void
  }

  interface ConnectionOptions {
    readonly host: string
    readonly port: number
    readonly clientId: string
    readonly ssl: KafkaConfig['ssl'] | null
    readonly sasl: KafkaConfig['sasl'] | null
    /** ms */
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly enforceRequestTimeout: boolean
    readonly logger: Logger
    readonly socketFactory: ISocketFactory
  }

  interface Answer {
    readonly payload: Buffer
  }

  interface OutgoingRequest {
    readonly entry: {
      readonly apiKey: number
      readonly apiName: string
      readonly apiVersion: number
      readonly correlationId: number
      resolve(answer: Answer): void
      reject(error: Error): void
    }
    readonly expectResponse: boolean
    readonly requestTimeout: number | null
    sendRequest(): void
  }

  export default class Connection {
    constructor(options: ConnectionOptions)
    readonly socket: Socket | undefined
    /** Set while the login awaits an answer: receives it raw, with its size. */
    readonly authHandlers: { onSuccess(answer: Buffer): void } | null
    readonly requestQueue: {
      push(request: OutgoingRequest): void
      fulfillRequest(answer: { size: number; correlationId: number; payload: Buffer }): void
      scheduleCheckPendingRequests(): void
    }
    connect(): Promise<boolean>
    /** Logs in, unless that is done and not about to expire. */
    authenticate(): Promise<void>
    isAuthenticated(): boolean
    nextCorrelationId(): number
    setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void
    setSupportAuthenticationProtocol(supported: boolean): void
  }
}
