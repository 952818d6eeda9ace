package io.github.pgpure.connection;

import io.github.pgpure.SslPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Trust in the authorities of a file, less the certificates that lists say were revoked. */
final class CertificateTrust {

    private CertificateTrust() {}

    static TrustManager[] of(List<X509Certificate> authorities, SslPolicy policy) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority" + i, authorities.get(i));
            }
            if (policy.checksRevocation()) {
                return withRevocation(store, lists(policy));
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates of sslrootcert cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] withRevocation(KeyStore store, List<X509CRL> lists) throws GeneralSecurityException {
        var parameters = new PKIXBuilderParameters(store, new X509CertSelector());
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        var checker =
                (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        // What no list speaks of is refused, as with libpq; nobody is asked over the network.
        checker.setOptions(
                EnumSet.of(PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
        parameters.addCertPathChecker(checker);
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return factory.getTrustManagers();
    }

    private static List<X509CRL> lists(SslPolicy policy) throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        if (policy.crl() != null) {
            lists.addAll(new PemFile("sslcrl", policy.crl()).revocationLists());
        }
        if (policy.crlDirectory() != null) {
            for (Path file : filesIn(policy.crlDirectory())) {
                lists.addAll(new PemFile("sslcrldir", file).revocationLists());
            }
        }
        return lists;
    }

    /** The files of {@code sslcrldir}, in order. */
    static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new IOException(
                    "sslcrldir " + directory + " could not be read ("
                            + e.getClass().getSimpleName() + ")",
                    e);
        }
    }
}
