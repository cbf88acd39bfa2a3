package io.lighter.bench.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;

/** The handlers of one connection: TLS if need be, the HTTP decoder, and the way to the wire. */
final class AnswerReader extends ChannelInitializer<Channel> {
  /** How the connections of a target are encrypted; absent for plain ones. */
  static final AttributeKey<SslContext> TLS = AttributeKey.valueOf(AnswerReader.class, "tls");

  private static final int LONGEST_PIECE = 1 << 20;

  private final Wire wire;
  private final Decoder decoder = new Decoder();

  AnswerReader(Wire wire) {
    this.wire = wire;
  }

  /** Says whether the next answer is one without a body, whatever its headers promise. */
  void expectNoBody(boolean none) {
    decoder.noBody = none;
  }

  @Override
  protected void initChannel(Channel channel) {
    SslContext tls = channel.attr(TLS).get();
    if (tls != null) {
      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
      channel.pipeline().addLast(new ChunkedWriteHandler());
    }
    channel.pipeline().addLast(decoder, new Receiver());
  }

  private static final class Decoder extends HttpResponseDecoder {
    private boolean noBody;

    Decoder() {
      super(
          new HttpDecoderConfig()
              .setMaxHeaderSize(64 << 10)
              .setMaxChunkSize(LONGEST_PIECE)
              .setValidateHeaders(false));
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return noBody || super.isContentAlwaysEmpty(message);
    }
  }

  private final class Receiver extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      try {
        if (message instanceof HttpResponse head) {
          wire.head(context.channel(), head);
        }
        if (message instanceof HttpContent content) {
          wire.content(context.channel(), content);
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      wire.lost(context.channel(), "closed by the server");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      wire.lost(context.channel(), String.valueOf(cause));
    }
  }
}
