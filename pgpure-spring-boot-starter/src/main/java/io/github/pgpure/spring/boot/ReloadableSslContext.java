package io.github.pgpure.spring.boot;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * An SSL context whose certificates can be renewed: connections opened after {@link #reload(SSLContext)} use the new ones; thread-safe.
 *
 * <p>The settings of a pool are immutable, so the renewal has to happen behind the context that they hold.
 */
final class ReloadableSslContext extends SSLContext {

    private final Delegate delegate;

    ReloadableSslContext(SSLContext context) {
        this(new Delegate(context));
    }

    private ReloadableSslContext(Delegate delegate) {
        super(delegate, delegate.current.getProvider(), delegate.current.getProtocol());
        this.delegate = delegate;
    }

    void reload(SSLContext context) {
        delegate.current = context;
    }

    private static final class Delegate extends SSLContextSpi {

        private volatile SSLContext current;

        Delegate(SSLContext context) {
            this.current = context;
        }

        @Override
        protected void engineInit(KeyManager[] keyManagers, TrustManager[] trustManagers, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("the context is initialized: use reload");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return current.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return current.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return current.createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return current.createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return current.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return current.getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return current.getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return current.getSupportedSSLParameters();
        }
    }
}
