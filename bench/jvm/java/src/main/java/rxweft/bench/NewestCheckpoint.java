package rxweft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/** What a job that was killed goes on from: FOLDER/JOB/chk-42 with its metadata, which Flink writes last. A local cluster does not look for it. */
final class NewestCheckpoint {
  static Optional<Path> in(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) return Optional.empty();
    try (var found = Files.find(folder, 3, (path, about) -> path.endsWith("_metadata"))) {
      return found.max(Comparator.comparing(path -> path.toFile().lastModified())).map(Path::getParent);
    }
  }

  private NewestCheckpoint() {}
}
