package io.github.pgpure.connection;

import io.github.pgpure.Credentials;
import io.github.pgpure.CredentialsSupplier;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.transport.Deadline;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds out whom to log in as at one host, and with what. */
final class CredentialsRequest {

    private CredentialsRequest() {}

    /**
     * Asks the supplier, the options or the password file.
     *
     * @throws PgAuthenticationException when the supplier fails or takes too long
     * @throws InterruptedException when the thread is interrupted
     */
    static Credentials credentials(PgConnectOptions options, PgHost host, Deadline deadline)
            throws InterruptedException {
        if (options.credentials() != null) {
            return ask(options.credentials(), host, deadline);
        }
        String password = options.password();
        Path file = options.passFile();
        if (password == null && file != null) {
            password = PasswordFile.find(file, host, options.database(), options.username());
        }
        return Credentials.ofPassword(options.username(), password);
    }

    /** On a thread of its own, since only so its time can be limited. */
    private static Credentials ask(CredentialsSupplier supplier, PgHost host, Deadline deadline)
            throws InterruptedException {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        var task = new FutureTask<>(() -> {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                return supplier.get(host);
            } finally {
                thread.setContextClassLoader(before);
            }
        });
        Workers.executor().execute(task);
        try {
            Credentials credentials =
                    deadline.isNone() ? task.get() : task.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            if (credentials == null) {
                throw new PgAuthenticationException("the CredentialsSupplier gave null for " + host, null);
            }
            return credentials;
        } catch (ExecutionException e) {
            throw new PgAuthenticationException(
                    "the CredentialsSupplier gave no credentials for " + host + ": see the cause", e.getCause());
        } catch (TimeoutException e) {
            throw new PgAuthenticationException(
                    "the CredentialsSupplier gave no credentials for " + host + " within the connect timeout of "
                            + deadline,
                    null);
        } finally {
            task.cancel(true);
        }
    }
}
