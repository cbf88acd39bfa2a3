package io.lighter.conversion.startset.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.PlainLayers;
import io.lighter.conversion.gzip.GzipEncoders;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The merged layers of an image, as long as their blobs are open, which is until it is closed. Not
 * thread-safe.
 */
public final class OpenImage implements Closeable {

  private final ImageTree tree = new ImageTree();
  private final MemberDecoder decoder;
  private final List<Closeable> blobs = new ArrayList<>();
  private final Map<Integer, String> unread = new TreeMap<>();

  /**
   * An image without layers.
   *
   * @param library uncompresses layers
   */
  public OpenImage(GzipEncoders library) {
    this.decoder = new MemberDecoder(library);
  }

  /**
   * Puts a layer on those that are there.
   *
   * @param content what it has
   * @param view its bytes
   * @param blob what is closed with the image
   */
  public void add(EStargz content, BlobView view, Closeable blob) {
    blobs.add(blob);
    if (content.toc().entries().size() > PlainLayers.MAX_ENTRIES - tree.entries()) {
      addUnread("the image has more than %d entries with it".formatted(PlainLayers.MAX_ENTRIES));
    } else {
      tree.add(LayerContents.of(content, view, decoder));
    }
  }

  /** Puts a layer on those that are there of which nothing is known. */
  public void addUnread(String reason) {
    unread.put(tree.layers(), reason);
    tree.add(LayerContents.NONE);
  }

  /** The merged file system. */
  public ImageTree tree() {
    return tree;
  }

  /** Why layers could not be looked into, by their number. */
  public Map<Integer, String> unread() {
    return unread;
  }

  @Override
  public void close() throws IOException {
    decoder.close();
    for (Closeable blob : blobs) {
      blob.close();
    }
  }
}
