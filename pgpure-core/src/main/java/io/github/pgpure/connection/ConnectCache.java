package io.github.pgpure.connection;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What connections that are opened with the same options share: the keys that SCRAM derives from the password, and the TLS context made of
 * certificate files. It lives as long as the options do. Thread-safe.
 */
final class ConnectCache {

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Map<PgConnectOptions, ConnectCache> CACHES = new WeakHashMap<>();

    /** A context and the state of the files it was made of. */
    private record FromFiles(List<Object> state, Supplier<SSLContext> context) {}

    private final ScramKeyCache scramKeys = new ScramKeyCache();
    private volatile @Nullable FromFiles fromFiles;

    private ConnectCache() {}

    /** The one that belongs to these very options. */
    static ConnectCache of(PgConnectOptions options) {
        LOCK.lock();
        try {
            return CACHES.computeIfAbsent(options, o -> new ConnectCache());
        } finally {
            LOCK.unlock();
        }
    }

    ScramKeyCache scramKeys() {
        return scramKeys;
    }

    /**
     * The context for TLS. What files say is read now; what needs none is made when it is asked for, since a server that refuses to
     * encrypt, as most on the same machine do, would else cost what makes TLS work: hundreds of classes.
     *
     * @throws IOException when a file cannot be used; the message says which and why
     */
    Supplier<SSLContext> sslContext(PgConnectOptions options) throws IOException {
        Path rootCert = options.sslRootCert();
        SslClientCert clientCert = options.sslClientCert();
        if (rootCert == null && clientCert == null) {
            return Tls.context(options);
        }
        List<Object> state = new ArrayList<>();
        if (rootCert != null && !rootCert.equals(PgConnectOptions.SSL_ROOT_CERT_SYSTEM)) {
            state(rootCert, state);
        }
        if (clientCert != null) {
            state(clientCert.certificate(), state);
            state(clientCert.key(), state);
        }
        SslPolicy policy = options.sslPolicy();
        if (policy.crl() != null) {
            state(policy.crl(), state);
        }
        if (policy.crlDirectory() != null) {
            for (Path file : CertificateTrust.filesIn(policy.crlDirectory())) {
                state.add(file);
                state(file, state);
            }
        }
        FromFiles current = fromFiles;
        if (current == null || !current.state().equals(state)) {
            current = new FromFiles(state, Tls.context(options));
            fromFiles = current;
        }
        return current.context();
    }

    private static void state(Path file, List<Object> state) {
        try {
            FileTime modified = Files.getLastModifiedTime(file);
            state.add(modified);
            state.add(Files.size(file));
        } catch (IOException e) {
            // Not equal to anything: whoever reads it then says what is wrong with it.
            state.add(new Object());
        }
    }
}
