package rxweft.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** 64 bits that stand for a value: those of 20 million values fit into a small heap, the values do not. */
final class Hash {
  private static final VarHandle eight = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static long of(byte[] value) {
    long hash = value.length;
    int i = 0;
    for (; i + 8 <= value.length; i += 8) hash = mix(hash ^ (long) eight.get(value, i));
    for (; i < value.length; i++) hash = mix(hash ^ value[i]);
    return hash;
  }

  /** Of its upper case, which is written over it. */
  static long ofUpperCase(byte[] value) {
    for (int i = 0; i < value.length; i++) if (value[i] >= 'a' && value[i] <= 'z') value[i] -= 32;
    return of(value);
  }

  /** A bijection, so nothing is lost before the next eight bytes come in. */
  private static long mix(long hash) {
    hash *= 0x9E3779B97F4A7C15L;
    return hash ^ (hash >>> 32);
  }

  private Hash() {}
}
