//! A workbook with a password, made byte by byte.

/// An OLE container that holds an encrypted package: what Excel writes when a workbook has a password.
pub(crate) fn password_protected() -> Vec<u8> {
    let mut sector = vec![0u8; 512];
    sector[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    sector[24..26].copy_from_slice(&0x3Eu16.to_le_bytes());
    sector[26..28].copy_from_slice(&3u16.to_le_bytes());
    sector[28..30].copy_from_slice(&0xFFFEu16.to_le_bytes());
    sector[30..32].copy_from_slice(&9u16.to_le_bytes());
    sector[32..34].copy_from_slice(&6u16.to_le_bytes());
    sector[44..48].copy_from_slice(&1u32.to_le_bytes()); // one FAT sector
    sector[48..52].copy_from_slice(&1u32.to_le_bytes()); // directory in sector 1
    sector[56..60].copy_from_slice(&4096u32.to_le_bytes());
    sector[60..64].copy_from_slice(&0xFFFF_FFFEu32.to_le_bytes());
    sector[68..72].copy_from_slice(&0xFFFF_FFFEu32.to_le_bytes());
    sector[76..80].copy_from_slice(&0u32.to_le_bytes());
    sector[80..512].fill(0xFF);
    let mut fat = vec![0xFFu8; 512];
    fat[..4].copy_from_slice(&0xFFFF_FFFDu32.to_le_bytes());
    fat[4..8].copy_from_slice(&0xFFFF_FFFEu32.to_le_bytes());
    let mut directory = vec![0u8; 512];
    for (entry, name) in ["Root Entry", "EncryptionInfo", "EncryptedPackage"].iter().enumerate() {
        let at = entry * 128;
        for (i, unit) in name.encode_utf16().enumerate() {
            directory[at + 2 * i..at + 2 * i + 2].copy_from_slice(&unit.to_le_bytes());
        }
        directory[at + 64..at + 66].copy_from_slice(&((name.len() as u16 + 1) * 2).to_le_bytes());
        directory[at + 66] = if entry == 0 { 5 } else { 2 };
        directory[at + 68..at + 80].fill(0xFF);
    }
    directory[76..80].copy_from_slice(&1u32.to_le_bytes());
    directory[128 + 72..128 + 76].copy_from_slice(&2u32.to_le_bytes());
    [sector, fat, directory].concat()
}
