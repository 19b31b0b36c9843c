//! Certificates made up on the spot.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};

/// The certificate authority of the servers and clients of a test.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its private key.
pub struct Identity {
    /// Vouched for by the authority.
    pub certificate: Certificate,
    /// The key that it is for.
    pub key: KeyPair,
}

impl Authority {
    /// A new authority, which no peer trusts yet.
    ///
    /// # Panics
    /// If there is no randomness for a key.
    #[must_use]
    pub fn new() -> Self {
        let mut params = params([]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("parameters that can be signed"))
    }

    /// The certificate that vouches for the others.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.0.as_ref()
    }

    /// For a name or an address.
    ///
    /// # Panics
    /// If it is neither.
    #[must_use]
    pub fn identity(&self, name: &str) -> Identity {
        self.sign(&params([name.to_owned()]))
    }

    /// The same with a certificate that has expired.
    ///
    /// # Panics
    /// As [`identity`](Self::identity).
    #[must_use]
    pub fn expired_identity(&self, name: &str) -> Identity {
        let mut params = params([name.to_owned()]);
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Identity {
        let key = key();
        let certificate = params.signed_by(&key, &self.0).expect("parameters that can be signed");
        Identity { certificate, key }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn params<const N: usize>(names: [String; N]) -> CertificateParams {
    CertificateParams::new(names).expect("names or addresses")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("randomness")
}
