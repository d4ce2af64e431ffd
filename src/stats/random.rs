//! Random numbers for resampling: xoshiro256++ (Blackman & Vigna, ACM TOMS 2021;47:36), seeded through splitmix64.
//!
//! Written out because a library's generator may change with its version, and with it every number that was ever reported.
//! Each replicate has a generator of its own, made from the seed and the replicate's number, so that the result does not depend
//! on how replicates are spread over threads.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of one replicate.
    pub fn new(seed: u64, replicate: u64) -> Self {
        let mut mix = seed ^ replicate.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(32);
        Self { state: std::array::from_fn(|_| splitmix64(&mut mix)) }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// A number below `n`, each equally likely (Lemire, ACM TOMACS 2019;29:3).
    pub fn below(&mut self, n: u32) -> u32 {
        let threshold = n.wrapping_neg() % n.max(1);
        loop {
            let product = (self.bits() >> 32) * u64::from(n);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// A number in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A standard normal number, by the quantile of a uniform one.
    pub fn normal(&mut self) -> f64 {
        super::distribution::normal_quantile(self.uniform())
    }
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_numbers() {
        // The first outputs for seed 1234567 of the authors' reference program.
        let mut state = 1_234_567;
        assert_eq!(splitmix64(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(splitmix64(&mut state), 3_203_168_211_198_807_973);
    }

    #[test]
    fn xoshiro_gives_its_published_numbers() {
        // State 1, 2, 3, 4: first outputs of the authors' reference program.
        let mut random = Random { state: [1, 2, 3, 4] };
        assert_eq!(random.bits(), 41_943_041);
        assert_eq!(random.bits(), 58_720_359);
        assert_eq!(random.bits(), 3_588_806_011_781_223);
    }

    #[test]
    fn numbers_are_spread_evenly() {
        let mut random = Random::new(1, 2);
        let mut counts = [0; 7];
        let mut normal = (0.0, 0.0);
        for _ in 0..70_000 {
            counts[random.below(7) as usize] += 1;
            let z = random.normal();
            normal = (normal.0 + z, normal.1 + z * z);
        }
        assert!(counts.iter().all(|&count: &i32| (count - 10_000).abs() < 400), "{counts:?}");
        assert!((normal.0 / 70_000.0).abs() < 0.015 && (normal.1 / 70_000.0 - 1.0).abs() < 0.02);
        assert_ne!(Random::new(1, 2).bits(), Random::new(2, 1).bits());
    }
}
