package rxweft.bench;

/** How a value begins, "0003-0000000042 ": the partition it was fed into, and its number there, from 0. */
final class Label {
  static final int length = 16;

  static void write(byte[] value, int partition, long number) {
    digits(value, 0, 4, partition);
    value[4] = '-';
    digits(value, 5, 10, number);
    value[15] = ' ';
  }

  /** Whether it begins so. Digits are the same in upper case. */
  static boolean is(byte[] value) {
    if (value == null || value.length < length || value[4] != '-' || value[15] != ' ') return false;
    for (int i = 0; i < 15; i++) if (i != 4 && (value[i] < '0' || value[i] > '9')) return false;
    return true;
  }

  static int partition(byte[] value) {
    return (int) number(value, 0, 4);
  }

  static long number(byte[] value) {
    return number(value, 5, 10);
  }

  static void digits(byte[] value, int at, int digits, long number) {
    for (int i = at + digits - 1; i >= at; i--, number /= 10) value[i] = (byte) ('0' + number % 10);
  }

  static long number(byte[] value, int at, int digits) {
    long number = 0;
    for (int i = at; i < at + digits; i++) number = number * 10 + value[i] - '0';
    return number;
  }

  private Label() {}
}
