package io.lighter.conformance.startset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the start-up set of an image comes from. */
@FunctionalInterface
interface Predictor {

  /**
   * The start-up set of the image in a layout.
   *
   * @throws IOException when there is none
   */
  Prediction predict(String image, OciLayout layout) throws IOException, InterruptedException;

  /** Runs the command as a user would. */
  static Predictor command(List<String> lighter) {
    return (image, layout) -> {
      var words = new ArrayList<>(lighter);
      words.addAll(List.of("startset", "oci:" + layout.folder(), "--json"));
      Process process =
          new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      process.getOutputStream().close();
      byte[] answer = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(String.join(" ", words) + " ended with status " + status);
      }
      return Prediction.parse(answer);
    };
  }

  /** Takes answers of the command that are kept as {@code FOLDER/IMAGE.json}. */
  static Predictor kept(Path folder) {
    return (image, layout) -> {
      try {
        return Prediction.parse(Files.readAllBytes(folder.resolve(image + ".json")));
      } catch (UncheckedIOException e) {
        throw new IOException(e);
      }
    };
  }
}
