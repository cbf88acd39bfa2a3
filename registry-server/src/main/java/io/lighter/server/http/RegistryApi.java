package io.lighter.server.http;

import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.storage.BlobStore;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * The registry's API, put together from the services behind it and shared by all listeners.
 * Thread-safe.
 */
public final class RegistryApi implements AutoCloseable {
  private final Dispatcher dispatcher;
  private final HotBlobs hot;
  private final Responder responder;
  private final RequestLog log;
  private final Semaphore admission;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Puts the API together.
   *
   * @param sparse repositories whose manifests may name content that was not pushed
   * @param maxRequests most requests that wait for storage or upstream at once; one more is told to
   *     come back
   */
  public RegistryApi(
      Repositories repositories,
      MetadataStore metadata,
      BlobStore blobs,
      TagViews views,
      UploadSessions uploads,
      ConversionScheduler conversions,
      RepositoryPatterns sparse,
      RequestLog log,
      Clock clock,
      int maxRequests) {
    this.hot = new HotBlobs(blobs);
    this.dispatcher =
        new Dispatcher(
            new BlobHandler(repositories, metadata, hot),
            new UploadHandler(repositories, metadata, uploads, hot),
            new ManifestHandler(repositories, metadata, views, conversions, sparse, hot, clock),
            new ListingHandler(repositories, metadata),
            new ReferrersHandler(repositories, metadata));
    this.responder = new Responder(requests);
    this.log = log;
    this.admission = new Semaphore(maxRequests);
  }

  /**
   * Content was taken out of service, not through this API: nothing known of it counts any more.
   */
  public void contentChanged() {
    hot.forgetAll();
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  HotBlobs hot() {
    return hot;
  }

  Responder responder() {
    return responder;
  }

  RequestLog log() {
    return log;
  }

  Semaphore admission() {
    return admission;
  }

  ExecutorService requests() {
    return requests;
  }

  /** Waits for requests that are still being handled. */
  @Override
  public void close() {
    requests.close();
  }
}
