package io.github.pgpure.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * No client, but the least that any client has to do: one thread that waits for all connections at once, sends bytes that are ready, and looks for
 * one number in what comes back. Nothing is prepared, converted, pooled or timed, no caller is woken. What it reaches is about what the server and the operating
 * system leave to be reached on this machine. Variants: {@code pipelined} and {@code whole} (transactions), as with pgpure.
 */
public final class ReadyBytesClient implements AsyncPeerClient {

    private static final int BUFFER = 1 << 20;

    private enum Kind {
        SELECT(64, 1),
        SELECT_TOGETHER(1, 1),
        TRANSACTION(0, 3),
        PIPELINED(0, 1),
        WHOLE(4, 1);

        /** As many are on one connection before another one is used; 0 where each has one for itself. */
        final int together;

        /** How often it waits for the server. */
        final int exchanges;

        Kind(int together, int exchanges) {
            this.together = together;
            this.exchanges = exchanges;
        }
    }

    private final Queue<Call> submitted = new ConcurrentLinkedQueue<>();
    private final List<Link> links = new ArrayList<>();
    private final ArrayDeque<Link> idle = new ArrayDeque<>();
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final Thread thread = new Thread(this::loop, "ready bytes");
    private Kind transactions = Kind.TRANSACTION;

    /** For a single caller, who waits for it himself. */
    private Link alone;

    private Selector selector;
    private int turn;
    private volatile boolean closed;

    @Override
    public void open(int connections, String variant, ServerAddress server) {
        if (!variant.isEmpty()) {
            transactions = variant.equals("whole") ? Kind.WHOLE : Kind.PIPELINED;
        }
        try {
            selector = Selector.open();
            for (int i = 0; i < connections; i++) {
                links.add(new Link(server, true));
            }
            alone = new Link(server, false);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        idle.addAll(links);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void select(int id, Callback callback) {
        submit(new Call(Kind.SELECT, new int[] {id}, 0, callback));
    }

    @Override
    public void transaction(int id, int value, Callback callback) {
        submit(new Call(transactions, new int[] {id}, value, callback));
    }

    private void submit(Call call) {
        if (Thread.currentThread() == thread) {
            start(call);
        } else {
            submitted.add(call);
            selector.wakeup();
        }
    }

    private void loop() {
        try {
            while (!closed) {
                selector.select(key -> ((Link) key.attachment()).read());
                for (Call call = submitted.poll(); call != null; call = submitted.poll()) {
                    start(call);
                }
                for (Link link : links) {
                    link.flush();
                }
            }
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1); // which is reported as the failure that it is
        }
    }

    private void start(Call call) {
        if (call.kind.together > 0) {
            shared(call.kind.together).begin(call);
            return;
        }
        Link link = idle.pollFirst();
        if (link == null) {
            waiting.add(call);
        } else {
            link.begin(call);
        }
    }

    /** The first connection with less than so many calls; where there is none, the next one in turn. */
    private Link shared(int together) {
        for (Link link : links) {
            if (link.underWay.size() < together) {
                return link;
            }
        }
        turn = (turn + 1) % links.size();
        return links.get(turn);
    }

    /** Whoever has waited longest is the next. */
    private void free(Link link) {
        Call next = waiting.poll();
        if (next == null) {
            idle.addFirst(link);
        } else {
            link.begin(next);
        }
    }

    @Override
    public void close() throws Exception {
        closed = true;
        selector.wakeup();
        thread.join();
        for (Link link : links) {
            link.connection.close();
        }
        alone.connection.close();
        selector.close();
    }

    @Override
    public void checkout() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long selectMany(int[] ids) throws IOException {
        boolean[] done = {false};
        var call = new Call(Kind.SELECT_TOGETHER, ids, 0, (value, failure) -> done[0] = true);
        alone.begin(call);
        alone.flush();
        while (!done[0]) {
            alone.read();
        }
        return call.answer;
    }

    @Override
    public long fetchWide(String sql) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long stream(String sql) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void insertBatch(int rows) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void execute(String sql) {
        throw new UnsupportedOperationException();
    }

    /** What one caller waits for. */
    private static final class Call {
        final Kind kind;
        final int[] ids;
        final int value;
        final Callback callback;
        int exchangesBegun;

        /** The sum of all numbers that came. */
        int answer;

        Call(Kind kind, int[] ids, int value, Callback callback) {
            this.kind = kind;
            this.ids = ids;
            this.value = value;
            this.callback = callback;
        }
    }

    /** A connection, with what is under way on it. */
    private final class Link {

        final RawConnection connection;
        private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
        private final ArrayDeque<Call> underWay = new ArrayDeque<>();

        /** @param watched whether the loop waits for it */
        Link(ServerAddress server, boolean watched) throws IOException {
            connection = new RawConnection(server);
            connection.prepare("s", SELECT + "$1");
            connection.prepare("b", "begin");
            connection.prepare("u", PeerClient.update("$1", "$2"));
            connection.prepare("t", TRANSACTION_SELECT + "$1");
            connection.prepare("c", "commit");
            if (watched) {
                connection.channel().configureBlocking(false);
                connection.channel().register(selector, SelectionKey.OP_READ, this);
            }
        }

        void begin(Call call) {
            underWay.add(call);
            exchange(call);
        }

        private void exchange(Call call) {
            int exchange = call.exchangesBegun++;
            int id = call.ids[0];
            switch (call.kind) {
                case SELECT -> bind('s', id);
                case SELECT_TOGETHER -> {
                    for (int each : call.ids) {
                        bind('s', each);
                    }
                }
                case WHOLE -> {
                    bind('u', call.value, id);
                    bind('t', id);
                }
                case PIPELINED -> {
                    bind('b');
                    bind('u', call.value, id);
                    bind('t', id);
                    bind('c');
                }
                case TRANSACTION -> {
                    if (exchange == 0) {
                        bind('b');
                        bind('u', call.value, id);
                    } else if (exchange == 1) {
                        bind('t', id);
                    } else {
                        bind('c');
                    }
                }
            }
            out.put((byte) 'S').putInt(4);
        }

        /** Bind and Execute; all numbers are sent and wanted in binary. */
        private void bind(char statement, int... values) {
            out.put((byte) 'B').putInt(4 + 1 + 2 + 2 + 2 + 2 + 8 * values.length + 2 + 2);
            out.put((byte) 0).put((byte) statement).put((byte) 0);
            out.putShort((short) 1).putShort((short) 1);
            out.putShort((short) values.length);
            for (int value : values) {
                out.putInt(4).putInt(value);
            }
            out.putShort((short) 1).putShort((short) 1);
            out.put((byte) 'E').putInt(4 + 1 + 4).put((byte) 0).putInt(0);
        }

        void flush() throws IOException {
            if (out.position() > 0) {
                out.flip();
                while (out.hasRemaining()) {
                    connection.channel().write(out);
                }
                out.clear();
            }
        }

        void read() {
            try {
                if (connection.channel().read(in) < 0) {
                    throw new IllegalStateException("the server has closed the connection");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            in.flip();
            while (in.remaining() >= 5 && in.remaining() > in.getInt(in.position() + 1)) {
                int start = in.position();
                message(in.get(start), start + 5, in.getInt(start + 1) - 4);
                in.position(start + 1 + in.getInt(start + 1));
            }
            in.compact();
        }

        private void message(byte type, int at, int length) {
            Call call = underWay.element();
            switch (type) {
                case 'D' -> call.answer += in.getInt(at + 6); // one column, behind its length
                case 'E' -> {
                    byte[] fields = new byte[length];
                    in.get(at, fields);
                    throw new IllegalStateException(new String(fields, StandardCharsets.UTF_8));
                }
                case 'Z' -> answered(call);
                default -> {} // says nothing that one would not expect
            }
        }

        private void answered(Call call) {
            if (call.exchangesBegun < call.kind.exchanges) {
                exchange(call);
                return;
            }
            underWay.remove();
            if (call.kind.together == 0) {
                free(this);
            }
            call.callback.done(call.answer, null);
        }
    }
}
