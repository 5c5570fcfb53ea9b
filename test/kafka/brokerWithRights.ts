import type { JavaBroker } from '../../tools/broker/foundBroker.ts'
import { type JavaBrokerOptions, startJavaBroker } from '../../tools/broker/javaBroker.ts'

/** Checks the rights of the user alice on its listener SECURE, and none on the plain one. */
export function brokerWithRights(options: Pick<JavaBrokerOptions, 'startTimeout'> = {}): Promise<JavaBroker> {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  return startJavaBroker({
    ...options,
    listeners: { SECURE: { protocol: 'SASL_PLAINTEXT' } },
    properties: {
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.secure.plain.sasl.jaas.config': `${plain} user_alice="secret";`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  })
}
