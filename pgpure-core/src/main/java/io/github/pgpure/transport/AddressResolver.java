package io.github.pgpure.transport;

import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks names up within a deadline, which the JDK cannot do by itself; thread-safe. */
public final class AddressResolver {

    /** What knows the addresses of names. */
    public interface Lookup {

        /** All addresses of a host; may block. */
        InetAddress[] allByName(String host) throws UnknownHostException;
    }

    private final Executor executor;
    private final Lookup lookup;

    /** @param executor runs the look-ups, which may block for as long as the system's resolver likes */
    public AddressResolver(Executor executor) {
        this(executor, InetAddress::getAllByName);
    }

    /**
     * Asks something else than the system.
     *
     * @param executor runs the look-ups
     */
    public AddressResolver(Executor executor, Lookup lookup) {
        this.executor = executor;
        this.lookup = lookup;
    }

    /**
     * All addresses of a host, asked anew each time.
     *
     * @throws SocketTimeoutException when the deadline passes
     * @throws UnknownHostException when there is no such host
     * @throws InterruptedException when the thread is interrupted
     */
    public InetAddress[] resolve(String host, Deadline deadline)
            throws UnknownHostException, SocketTimeoutException, InterruptedException {
        if (isLiteral(host)) {
            return new InetAddress[] {InetAddress.getByName(host)};
        }
        var task = new FutureTask<>(() -> lookup.allByName(host));
        executor.execute(task);
        try {
            return deadline.isNone() ? task.get() : task.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("the name " + host + " was not resolved within " + deadline);
        } catch (ExecutionException e) {
            var unknown = new UnknownHostException("the host name " + host + " could not be resolved");
            unknown.initCause(e.getCause());
            throw unknown;
        }
    }

    private static boolean isLiteral(String host) {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }
}
