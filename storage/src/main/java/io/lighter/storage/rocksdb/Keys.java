package io.lighter.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The key of every column family. {@code 0} is one zero byte, which no name contains, so that one
 * repository's keys never begin like another's and byte-wise order is the order of the names. A
 * digest is binary ({@link BinaryDigest}) unless it says "text".
 *
 * <pre>
 * family          key                                        value
 * blobs           digest                                     size, time of the last commit
 * use             -                                          sizes of all blobs together
 * namespace-use   namespace 0                                sizes of what was pushed there together
 * namespace-use   namespace 0 digest                         size         (what is counted in that)
 * doomed          digest                                     size         (bytes that are to go)
 * converted       digest                                     -            (blobs and manifests that were made here)
 * repositories    repository                                 kind
 * links           repository 0 digest                        size
 * leases          repository 0 digest                        times of the last uses
 * holders         digest, repository                         -            (hosted, by their links)
 * mirror-holders  digest, repository                         -            (mirrored, by their links)
 * manifests       repository 0 digest                        media type, subject, what it names
 * content         digest                                     the manifest's own bytes
 * copies          digest, repository                         -            (repositories, by manifest)
 * tags            repository 0 tag                           digest, time of confirmation
 * tagged          repository 0 digest tag                    -            (tags, by what they name)
 * parents         repository 0 digest, manifest digest       -            (manifests, by what they name)
 * referrers       repository 0 subject digest, digest text   descriptor   (manifests, by subject)
 * uploads         16 bytes of UUID                           repository, time of start
 * conversions     digest, recipe                             result
 * results         converted digest, digest, recipe           -            (conversions, by result)
 * lazy-views      repository 0 digest                        digest of the converted counterpart
 * originals       repository 0 converted digest, digest      -            (lazy views, reversed)
 * jobs            repository 0 digest                        job
 * prefetch-lists  repository 0 tag, or nothing for all       text
 * damaged         digest                                     size         (blobs that were lost)
 * verification    -                                          how far the last one has come
 * </pre>
 */
final class Keys {
  private static final byte[] NOTHING = {};
  private static final byte[] SEPARATOR = {0};

  private Keys() {}

  static byte[] blob(Digest digest) {
    return BinaryDigest.encode(digest);
  }

  static byte[] repository(RepositoryName repository) {
    return repository.value().getBytes(UTF_8);
  }

  static byte[] link(RepositoryName repository, Digest blob) {
    return inRepository(repository, BinaryDigest.encode(blob));
  }

  static byte[] holder(Digest blob, RepositoryName repository) {
    return join(holders(blob), repository(repository));
  }

  static byte[] holders(Digest blob) {
    return BinaryDigest.encode(blob);
  }

  static byte[] lease(RepositoryName repository, Digest digest) {
    return inRepository(repository, BinaryDigest.encode(digest));
  }

  static byte[] manifest(RepositoryName repository, Digest manifest) {
    return inRepository(repository, BinaryDigest.encode(manifest));
  }

  static byte[] content(Digest manifest) {
    return BinaryDigest.encode(manifest);
  }

  static byte[] copy(Digest manifest, RepositoryName repository) {
    return join(copies(manifest), repository(repository));
  }

  static byte[] copies(Digest manifest) {
    return BinaryDigest.encode(manifest);
  }

  static byte[] tag(RepositoryName repository, Tag tag) {
    return inRepository(repository, tag.value().getBytes(UTF_8));
  }

  static byte[] tags(RepositoryName repository) {
    return inRepository(repository, NOTHING);
  }

  static byte[] tagged(RepositoryName repository, Digest manifest, Tag tag) {
    return join(tagged(repository, manifest), tag.value().getBytes(UTF_8));
  }

  static byte[] tagged(RepositoryName repository, Digest manifest) {
    return inRepository(repository, BinaryDigest.encode(manifest));
  }

  static byte[] parent(RepositoryName repository, Digest child, Digest parent) {
    return join(parents(repository, child), BinaryDigest.encode(parent));
  }

  static byte[] parents(RepositoryName repository, Digest child) {
    return inRepository(repository, BinaryDigest.encode(child));
  }

  static byte[] referrer(RepositoryName repository, Digest subject, Digest referrer) {
    return join(referrers(repository, subject), referrer.toString().getBytes(UTF_8));
  }

  static byte[] referrers(RepositoryName repository, Digest subject) {
    return inRepository(repository, BinaryDigest.encode(subject));
  }

  static byte[] upload(UploadId id) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(id.value().getMostSignificantBits())
        .putLong(id.value().getLeastSignificantBits())
        .array();
  }

  static byte[] conversion(Digest source, String recipe) {
    return join(BinaryDigest.encode(source), recipe.getBytes(UTF_8));
  }

  static byte[] lazyView(RepositoryName repository, Digest original) {
    return inRepository(repository, BinaryDigest.encode(original));
  }

  static byte[] result(Digest converted, Digest source, String recipe) {
    return join(results(converted), conversion(source, recipe));
  }

  static byte[] results(Digest converted) {
    return BinaryDigest.encode(converted);
  }

  static byte[] original(RepositoryName repository, Digest lazy, Digest original) {
    return join(originals(repository, lazy), BinaryDigest.encode(original));
  }

  static byte[] originals(RepositoryName repository, Digest lazy) {
    return inRepository(repository, BinaryDigest.encode(lazy));
  }

  static byte[] job(RepositoryName repository, Digest image) {
    return inRepository(repository, BinaryDigest.encode(image));
  }

  static byte[] prefetchList(RepositoryName repository, Optional<Tag> tag) {
    return inRepository(
        repository, tag.map(named -> named.value().getBytes(UTF_8)).orElse(NOTHING));
  }

  static byte[] prefetchLists(RepositoryName repository) {
    return inRepository(repository, NOTHING);
  }

  static byte[] damaged(Digest blob) {
    return BinaryDigest.encode(blob);
  }

  static byte[] converted(Digest blobOrManifest) {
    return BinaryDigest.encode(blobOrManifest);
  }

  static byte[] conversions(Digest source) {
    return BinaryDigest.encode(source);
  }

  /** There as soon as the use of namespaces is counted. */
  static byte[] namespacesCounted() {
    return new byte[] {2};
  }

  static byte[] namespace(String namespace) {
    return inRepository(new RepositoryName(namespace), NOTHING);
  }

  /** Not less than any key of that namespace, and less than those of the next one. */
  static byte[] behindNamespace(String namespace) {
    return join(namespace.getBytes(UTF_8), new byte[] {1});
  }

  static byte[] namespaceBlob(String namespace, Digest blob) {
    return inRepository(new RepositoryName(namespace), BinaryDigest.encode(blob));
  }

  /** Of a blob, the holders whose name has the namespace in front of others. */
  static byte[] holdersWithin(Digest blob, String namespace) {
    return join(holders(blob), (namespace + '/').getBytes(UTF_8));
  }

  /** The only key of its family. */
  static byte[] use() {
    return new byte[] {1};
  }

  /** The only key of its family. */
  static byte[] verification() {
    return new byte[] {1};
  }

  /** A prefix that every key has. */
  static byte[] all() {
    return NOTHING;
  }

  /**
   * Where to go on after an element of a list, which need not exist: the least key under the prefix
   * that is greater than the element's.
   *
   * @param after what follows the prefix in the element's key; empty for the list's beginning
   */
  static byte[] after(byte[] prefix, String after) {
    return after.isEmpty() ? prefix : join(prefix, join(after.getBytes(UTF_8), SEPARATOR));
  }

  /** What follows the prefix in a key, as text. */
  static String textAfter(byte[] prefix, byte[] key) {
    return new String(key, prefix.length, key.length - prefix.length, UTF_8);
  }

  /** What follows the prefix in a key. */
  static byte[] rest(byte[] prefix, byte[] key) {
    return Arrays.copyOfRange(key, prefix.length, key.length);
  }

  /** What follows the prefix in a key, as a digest. */
  static Digest digestAfter(byte[] prefix, byte[] key) {
    return BinaryDigest.decode(ByteBuffer.wrap(key, prefix.length, key.length - prefix.length));
  }

  /** The repository that a key begins with. */
  static RepositoryName repositoryOf(byte[] key) {
    return new RepositoryName(new String(key, 0, separator(key), UTF_8));
  }

  /** The digest that follows the repository that a key begins with. */
  static Digest digestOf(byte[] key) {
    int start = separator(key) + 1;
    return BinaryDigest.decode(ByteBuffer.wrap(key, start, key.length - start));
  }

  private static int separator(byte[] key) {
    for (int i = 0; i < key.length; i++) {
      if (key[i] == 0) {
        return i;
      }
    }
    throw new StorageException.Corrupt("a stored key names no repository", null);
  }

  /** The digest that a key begins with. */
  static Digest leadingDigest(byte[] key) {
    return BinaryDigest.decode(ByteBuffer.wrap(key));
  }

  /** What follows the digest that a key begins with, as text. */
  static String textAfterDigest(byte[] key) {
    return textAfter(BinaryDigest.encode(leadingDigest(key)), key);
  }

  /** The least key that is greater than this one. */
  static byte[] successor(byte[] key) {
    return join(key, SEPARATOR);
  }

  private static byte[] inRepository(RepositoryName repository, byte[] rest) {
    return join(join(repository(repository), SEPARATOR), rest);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
