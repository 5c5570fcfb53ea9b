package rxweft.bench;

import java.io.IOException;

/** Ends this process when the one that started it is gone, however it went: then the pipe to stdin breaks. */
final class Parent {
  static void watch() {
    var watcher = new Thread(Parent::untilGone, "parent");
    watcher.setDaemon(true);
    watcher.start();
  }

  private static void untilGone() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException broken) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(1);
  }

  private Parent() {}
}
