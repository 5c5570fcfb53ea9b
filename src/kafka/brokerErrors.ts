import type { RxweftError, Where } from '../errors.ts'
/** The error of a broker as ours; its code is Kafka's name for it. */
export declare function brokerError(code: number, api: string, where: Where, message?: string | null): RxweftError
/** The broker has definitely not applied the request: the same bytes may be sent again. */
export declare function isRefused(code: number): boolean
